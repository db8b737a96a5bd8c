using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Portal.Tests.Support.Journeys;

/// <summary>A headless Chromium of the machine. Skips the test where there is none.</summary>
public sealed class Browser : IAsyncDisposable
{
    private const string Executable = "/usr/bin/chromium";

    /// <summary>Milliseconds.</summary>
    private const float Patience = 60_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Browser> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Executable), $"no {Executable}: install Debian's chromium");
        var playwright = await Playwright.CreateAsync();
        // A machine that runs brokers and browsers at once is slow: what never comes does not come in a minute either.
        Assertions.SetDefaultExpectTimeout(Patience);
        return new(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Executable,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        }));
    }

    /// <summary>A person: cookies and a window of their own.</summary>
    public async Task<Visitor> VisitorAsync(Uri portal, string look = "light")
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = portal.ToString(), ColorScheme = look == "dark" ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = look == "phone" ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 860 },
        });
        context.SetDefaultTimeout(Patience);
        return new Visitor(await context.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}

/// <summary>One person's window. Errors of the page are kept and fail <see cref="LookedAtAsync"/>.</summary>
public sealed class Visitor
{
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

    public Task InteractiveAsync() => Page.Locator("[data-interactive=true]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });

    public async Task FillAsync(string label, string text) => await Page.GetByLabel(label, new() { Exact = true }).First.FillAsync(text);

    public async Task PressAsync(string button) => await Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).First.ClickAsync();

    public async Task HeadingAsync(string text)
    {
        try
        {
            await Page.GetByRole(AriaRole.Heading, new() { Name = text }).First.WaitForAsync();
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"No heading '{text}' at {Page.Url}. The page says:\n{await Page.Locator("body").InnerTextAsync()}");
        }
    }

    public async Task SignInAsync(string email, string password)
    {
        await Page.GotoAsync("sign-in");
        await FillAsync("E-mail", email);
        await FillAsync("Password", password);
        await PressAsync("Sign in");
        await Page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
    }

    /// <summary>Nothing serious for people with assistive technology, no script error.</summary>
    public async Task LookedAtAsync()
    {
        Assert.Empty(_errors);
        var found = await Page.RunAxe();
        Assert.Empty(found.Violations
            .Where(violation => violation.Impact is "serious" or "critical")
            .Select(violation => $"{Page.Url} {violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Take(3).Select(node => node.Html))}"));
    }

    /// <summary>Keeps a picture in <c>artifacts/pictures</c>.</summary>
    public Task PictureAsync(string name) => Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Root, "artifacts", "pictures", name + ".png"), FullPage = true });
}
