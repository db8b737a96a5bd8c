using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

[assembly: AssemblyFixture(typeof(Browser.SharedChromium))]

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// A test's share of the one headless Chromium of the run: the people it lets in have cookies and windows of their own,
/// which go with it. Skips the test where there is none.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    /// <summary>Milliseconds.</summary>
    private const float Patience = 60_000;

    // The shell draws without a window, a profile or pages of its own, and starts in a quarter of the time.
    private static readonly string[] Executables = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];
    private readonly IBrowser _chromium;
    private readonly List<IBrowserContext> _contexts = [];

    private Browser(IBrowser chromium) => _chromium = chromium;

    public static async Task<Browser> StartAsync()
    {
        Assert.SkipUnless(Executable is not null, $"no {string.Join(" or ", Executables)}: install Debian's chromium");
        return new(await SharedChromium.GetAsync(Executable!));
    }

    /// <summary>A person: cookies and a window of their own.</summary>
    public async Task<Visitor> VisitorAsync(Uri portal, string look = "light")
    {
        var context = await _chromium.NewContextAsync(
            new()
            {
                BaseURL = portal.ToString(),
                ColorScheme = look == "dark" ? ColorScheme.Dark : ColorScheme.Light,
                ViewportSize = look == "phone" ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 860 },
            }
        );
        _contexts.Add(context);
        context.SetDefaultTimeout(Patience);
        return new Visitor(await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var context in _contexts)
            await context.DisposeAsync();
    }

    private static string? Executable => Executables.FirstOrDefault(File.Exists);

    /// <summary>Started when the first test asks, again if it died under another, ended with the run.</summary>
    public sealed class SharedChromium : IAsyncDisposable
    {
        private static readonly SemaphoreSlim One = new(1, 1);
        private static IPlaywright? _playwright;
        private static IBrowser? _chromium;

        public async ValueTask DisposeAsync()
        {
            if (_chromium is not null)
                await _chromium.DisposeAsync();
            _playwright?.Dispose();
        }

        internal static async Task<IBrowser> GetAsync(string executable)
        {
            await One.WaitAsync();
            try
            {
                if (_chromium is { IsConnected: true })
                    return _chromium;
                _playwright ??= await Playwright.CreateAsync();
                // A machine that runs brokers and browsers at once is slow: what never comes does not come in a minute either.
                Assertions.SetDefaultExpectTimeout(Patience);
                return _chromium = await _playwright.Chromium.LaunchAsync(
                    new()
                    {
                        ExecutablePath = executable,
                        Args =
                        [
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                        ],
                    }
                );
            }
            finally
            {
                One.Release();
            }
        }
    }
}

/// <summary>One person's window. Errors of the page are kept and fail <see cref="LookedAtAsync"/>.</summary>
public sealed class Visitor
{
    private static readonly ConcurrentDictionary<(string File, int Line), bool> Seen = [];
    private readonly List<string> _errors = [];

    public Visitor(IPage page)
    {
        Page = page;
        page.PageError += (_, error) => _errors.Add(error);
    }

    public IPage Page { get; }

    /// <summary>Opens an address and waits until clicks are heard: a click on a prerendered button is lost.</summary>
    public async Task GoAsync(string address)
    {
        await Page.GotoAsync(address);
        await InteractiveAsync();
    }

    public Task InteractiveAsync() =>
        Page.Locator("[data-interactive=true]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

    public async Task FillAsync(string label, string text) => await Page.GetByLabel(label, new() { Exact = true }).First.FillAsync(text);

    /// <summary>On a page that has come whole: a form that is sent while its page still loads may be forgotten by the browser.</summary>
    public async Task PressAsync(string button)
    {
        await Page.WaitForLoadStateAsync(LoadState.Load);
        await Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).First.ClickAsync();
    }

    public async Task HeadingAsync(string text)
    {
        try
        {
            await Page.GetByRole(AriaRole.Heading, new() { Name = text }).First.WaitForAsync();
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException(
                $"No heading '{text}' at {Page.Url}. The page says:\n{await Page.Locator("body").InnerTextAsync()}"
            );
        }
    }

    public async Task SignInAsync(string email, string password)
    {
        await Page.GotoAsync("sign-in");
        await FillAsync("Email", email);
        await FillAsync("Password", password);
        await PressAsync("Sign in");
        await Page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
    }

    /// <summary>
    /// No script error, and nothing serious for people with assistive technology. The latter is looked at once in a run for
    /// each place in the tests: a page is built the same whatever cluster is behind it.
    /// </summary>
    public async Task LookedAtAsync([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
    {
        Assert.Empty(_errors);
        if (!Seen.TryAdd((file, line), true))
            return;
        var found = await Page.RunAxe();
        Assert.Empty(
            found
                .Violations.Where(violation => violation.Impact is "serious" or "critical")
                .Select(violation =>
                    $"{Page.Url} {violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Take(3).Select(node => node.Html))}"
                )
        );
    }

    /// <summary>Keeps a picture in <c>artifacts/pictures</c>.</summary>
    public Task PictureAsync(string name) =>
        Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "artifacts", "pictures", name + ".png"), FullPage = true });
}
