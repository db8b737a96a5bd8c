using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Hosting.Settings;

namespace Portal.Tests.Support;

/// <summary>
/// The real portal with a data folder of its own and the embedded stand-ins on free ports. Settings can be added before
/// the first client is made. The operator of <c>Portal:FirstRun</c> is there unless <paramref name="firstRun"/> is false.
/// </summary>
public sealed class PortalHost(bool firstRun = true) : WebApplicationFactory<PortalSettings>
{
    public const string OperatorEmail = "operator@example.com";
    public const string OperatorPassword = "correct battery staple horse";
    public const string OperatorKey = "operator-key-of-the-tests-0123456789abcdef";
    public const string Password = "violet tractor seldom hums";

    public string DataFolder { get; init; } = PreparedFolder.ForPortal("portal-test-");

    public string Environment { get; init; } = "Development";

    public Dictionary<string, string?> Settings { get; } = [];

    /// <summary>Passwords are hashed as elsewhere, in fewer rounds: tests sign in by the thousand.</summary>
    public bool QuickHashes { get; init; } = true;

    /// <summary>A client that follows no redirects, keeps cookies, and says as browsers do that a page of the portal asks.</summary>
    public HttpClient Browser()
    {
        var browser = CreateClient(new() { AllowAutoRedirect = false });
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
        return browser;
    }

    /// <summary>A browser that the operator just signed in with.</summary>
    public async Task<HttpClient> OperatorAsync()
    {
        var browser = Browser();
        await browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = OperatorEmail, ["Input.Password"] = OperatorPassword });
        return browser;
    }

    /// <summary>A client with the operator's API key.</summary>
    public HttpClient Api(string key = OperatorKey)
    {
        var client = CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>A browser signed in as a new, verified account.</summary>
    public async Task<HttpClient> SignedUpAsync(string email, string password = Password)
    {
        var browser = Browser();
        await browser.SubmitAsync("/sign-up", "sign-up", new() { ["Input.Email"] = email, ["Input.Password"] = password });
        var link = (await NewestMailAsync(email)).ActionUrl!;
        await browser.SubmitAsync(link.PathAndQuery, "verify", new() { ["Input.Password"] = password });
        await browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = email, ["Input.Password"] = password });
        return browser;
    }

    public async Task<Mail> NewestMailAsync(string to)
    {
        var mails = await Services.GetRequiredService<IMailOutbox>().ListAsync(new PageRequest(Search: to), CancellationToken.None);
        return mails.Items[0].Mail;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment(Environment);
        builder.UseSetting("Portal:DataFolder", DataFolder);
        builder.UseSetting("Portal:StandIns:PulsarPort", "0");
        builder.UseSetting("Portal:StandIns:StripePort", "0");
        if (firstRun)
        {
            builder.UseSetting("Portal:FirstRun:Email", OperatorEmail);
            builder.UseSetting("Portal:FirstRun:Password", OperatorPassword);
            builder.UseSetting("Portal:FirstRun:ApiKey", OperatorKey);
        }
        foreach (var (name, value) in Settings)
            builder.UseSetting(name, value);
        if (QuickHashes)
            builder.ConfigureServices(services => services.PostConfigure<PasswordHasherOptions>(options => options.IterationCount = 1_000));
    }
}

/// <summary>Forms of static pages, sent as a browser does: with the hidden fields of the page.</summary>
public static partial class Forms
{
    public static async Task<HttpResponseMessage> SubmitAsync(
        this HttpClient browser,
        string page,
        string form,
        Dictionary<string, string> fields
    )
    {
        var html = await browser.GetStringAsync(page);
        var part = FormOf(html, form);
        foreach (Match hidden in HiddenField().Matches(part))
            fields.TryAdd(Decode(hidden.Groups["name"].Value), Decode(hidden.Groups["value"].Value));
        return await browser.PostAsync(page, new FormUrlEncodedContent(fields));
    }

    private static string FormOf(string html, string name) =>
        html.Split("<form").FirstOrDefault(part => part.Contains($"value=\"{name}\"", StringComparison.Ordinal))
        ?? throw new InvalidOperationException($"The page has no form '{name}':\n{html}");

    private static string Decode(string text) => System.Net.WebUtility.HtmlDecode(text);

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)"\s*/?>""")]
    private static partial Regex HiddenField();
}
