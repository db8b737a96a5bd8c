using System.Text.Json.Nodes;
using Microsoft.Playwright;
using OtpNet;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>A person protects an account and gets in again, each way that there is.</summary>
public sealed class AccountJourneyTests
{
    private const string Email = RunningPortal.OperatorEmail;
    private const string Password = RunningPortal.OperatorPassword;

    [Fact]
    public async Task A_code_of_an_app_and_a_recovery_code_sign_in_once_each()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        var ada = await browser.VisitorAsync(portal.Url);
        await ada.SignInAsync(Email, Password);
        await ada.Page.GotoAsync("account/security");
        await ada.LookedAtAsync();
        await ada.Page.GetByRole(AriaRole.Link, new() { Name = "Set it up" }).ClickAsync();
        await ada.HeadingAsync("Set up the second factor");
        await Assertions.Expect(ada.Page.GetByRole(AriaRole.Img, new() { Name = "QR code" })).ToBeVisibleAsync();
        await ada.LookedAtAsync();
        var secret = (await ada.Page.Locator(".copy .value").InnerTextAsync()).Trim();
        await ada.FillAsync("Code", "000000");
        await ada.PressAsync("Switch it on");
        await Assertions.Expect(ada.Page.GetByText("This code is incorrect")).ToBeVisibleAsync();
        Assert.Equal(secret, (await ada.Page.Locator(".copy .value").InnerTextAsync()).Trim());
        await ada.FillAsync("Code", CodeOf(secret));
        await ada.PressAsync("Switch it on");
        await ada.HeadingAsync("Recovery codes");
        await ada.LookedAtAsync();
        var codes = await ada.Page.Locator("#recovery-codes li").AllInnerTextsAsync();
        Assert.Equal(10, codes.Count);

        var other = await browser.VisitorAsync(portal.Url);
        await FirstStepAsync(other);
        await other.LookedAtAsync();
        await other.FillAsync("Code", codes[0]);
        await other.PressAsync("Sign in");
        await other.Page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));

        var third = await browser.VisitorAsync(portal.Url);
        await FirstStepAsync(third);
        await third.FillAsync("Code", codes[0]);
        await third.PressAsync("Sign in");
        await Assertions.Expect(third.Page.GetByText("incorrect or has already been used")).ToBeVisibleAsync();
        // The step that switched it on is spent: the app's next code.
        await third.FillAsync("Code", CodeOf(secret, stepsLater: 1));
        await third.PressAsync("Sign in");
        await third.Page.WaitForURLAsync(url => !url.Contains("sign-in", StringComparison.Ordinal));
        await third.Page.GotoAsync("account/security");
        await Assertions.Expect(third.Page.GetByText("9 of 10 recovery codes are left")).ToBeVisibleAsync();
        await Assertions.Expect(third.Page.GetByText("password and recovery code")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_passkey_signs_in_without_password_and_code_and_confirms_who_it_is()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        var ada = await browser.VisitorAsync(portal.Url);
        await AuthenticatorAsync(ada);
        await ada.SignInAsync(Email, Password);
        await ada.Page.GotoAsync("account/security");
        await ada.FillAsync("Passkey name", "Blue laptop");
        await ada.PressAsync("Add a passkey");
        await Assertions.Expect(ada.Page.GetByText("Blue laptop").First).ToBeVisibleAsync();
        await ada.LookedAtAsync();

        await ada.Page.Context.ClearCookiesAsync();
        await ada.Page.GotoAsync("sign-in?returnUrl=%2Faccount%2Fsecurity");
        await ada.PressAsync("Sign in with a passkey");
        await ada.HeadingAsync("Security");
        await Assertions.Expect(ada.Page.GetByText("passkey ·").First).ToBeVisibleAsync();

        // While an address is typed the browser offers it by itself; the virtual authenticator takes the offer at once.
        await ada.Page.Context.ClearCookiesAsync();
        await ada.Page.GotoAsync("sign-in?returnUrl=%2Faccount#offer");
        await ada.HeadingAsync("My account");

        await ada.Page.GotoAsync("account/confirm?returnUrl=%2Faccount");
        await ada.LookedAtAsync();
        await ada.PressAsync("Use a passkey");
        await ada.HeadingAsync("My account");

        await ada.Page.GotoAsync("account/security");
        await ada.Page.Locator("details.item summary").ClickAsync();
        await ada.Page.GetByLabel("Name of Blue laptop").FillAsync("Old laptop");
        await ada.PressAsync("Rename");
        await ada.Page.Locator("details.item summary", new() { HasText = "Old laptop" }).ClickAsync();
        await ada.PressAsync("Remove Old laptop");
        await Assertions.Expect(ada.Page.GetByText("Old laptop")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_sign_in_ended_in_one_browser_stops_the_open_page_of_the_other()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        using var rest = portal.Rest();
        await rest.PostAsync(
            "/api/v1/organizations",
            new JsonObject { ["name"] = "Northwind", ["slug"] = "northwind" },
            System.Net.HttpStatusCode.Created
        );
        var there = await browser.VisitorAsync(portal.Url);
        await there.SignInAsync(Email, Password);
        await there.GoAsync("o/northwind");
        await there.HeadingAsync("Northwind");
        var here = await browser.VisitorAsync(portal.Url);
        await here.SignInAsync(Email, Password);
        await here.Page.GotoAsync("account/security");
        await here
            .Page.Locator(".line.item")
            .Filter(new() { HasNotText = "this one" })
            .GetByText("End", new() { Exact = true })
            .ClickAsync();
        // Nobody reloads anything.
        await there.Page.WaitForURLAsync(url => url.Contains("sign-in", StringComparison.Ordinal), new() { Timeout = 35_000 });
        await here.Page.GotoAsync("account");
        await here.HeadingAsync("My account");
    }

    /// <summary>By keyboard as by mouse, with words for who sees neither bar nor button; and none of it sends the form.</summary>
    [Fact]
    public async Task A_new_password_is_rated_while_it_is_typed_and_can_be_seen()
    {
        await using var browser = await Browser.StartAsync();
        await using var portal = await PortalHere.StartAsync();
        var ada = await browser.VisitorAsync(portal.Url);
        await ada.Page.GotoAsync("sign-up");
        var field = ada.Page.Locator("#password");
        var words = ada.Page.Locator("#password-strength .words");
        await field.PressSequentiallyAsync("short");
        await Assertions.Expect(words).ToHaveTextAsync("5 of at least 12 characters.");
        await field.FillAsync("123456789012");
        await Assertions.Expect(words).ToHaveTextAsync("Found in a data breach. Choose another password.");
        await ada.LookedAtAsync();
        await field.FillAsync("violet tractor seldom hums");
        await Assertions.Expect(words).ToHaveTextAsync("Strong.");

        await field.PressAsync("Tab");
        var show = ada.Page.GetByRole(AriaRole.Button, new() { Name = "Show password" });
        await Assertions.Expect(show).ToBeFocusedAsync();
        await ada.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(field).ToHaveAttributeAsync("type", "text");
        await Assertions.Expect(ada.Page.GetByText("Your password is visible.")).ToHaveCountAsync(1);
        await ada.LookedAtAsync();
        var hide = ada.Page.GetByRole(AriaRole.Button, new() { Name = "Hide password" });
        await hide.ClickAsync();
        await Assertions.Expect(field).ToHaveAttributeAsync("type", "password");
        await show.ClickAsync();

        // Hidden again before it is sent, or the browser would keep it as any other text.
        await ada.Page.EvaluateAsync(
            "document.addEventListener('submit', event => { document.body.dataset.sentAs = "
                + "document.getElementById('password').type; event.preventDefault(); })"
        );
        await ada.FillAsync("Email", "ada@example.com");
        await ada.PressAsync("Create account");
        await Assertions.Expect(ada.Page.Locator("body")).ToHaveAttributeAsync("data-sent-as", "password");
        await ada.HeadingAsync("Create an account");

        await field.FillAsync("");
        await Assertions.Expect(words).ToHaveTextAsync("");
    }

    private static async Task FirstStepAsync(Visitor visitor)
    {
        await visitor.Page.GotoAsync("sign-in");
        await visitor.FillAsync("Email", Email);
        await visitor.FillAsync("Password", Password);
        await visitor.PressAsync("Sign in");
        await visitor.HeadingAsync("Enter a code");
    }

    private static string CodeOf(string secret, int stepsLater = 0)
    {
        // The portal under test runs on this machine's clock.
        var totp = new Totp(Base32Encoding.ToBytes(secret));
        return totp.ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30 * stepsLater));
    }

    /// <summary>A platform authenticator that says yes: WebAuthn of the DevTools protocol.</summary>
    private static async Task AuthenticatorAsync(Visitor visitor)
    {
        var devTools = await visitor.Page.Context.NewCDPSessionAsync(visitor.Page);
        await devTools.SendAsync("WebAuthn.enable");
        await devTools.SendAsync(
            "WebAuthn.addVirtualAuthenticator",
            new Dictionary<string, object>
            {
                ["options"] = new Dictionary<string, object>
                {
                    ["protocol"] = "ctap2",
                    ["transport"] = "internal",
                    ["hasResidentKey"] = true,
                    ["hasUserVerification"] = true,
                    ["isUserVerified"] = true,
                    ["automaticPresenceSimulation"] = true,
                },
            }
        );
        await visitor.Page.AddInitScriptAsync(
            "if (location.hash !== '#offer') PublicKeyCredential.isConditionalMediationAvailable = async () => false;"
        );
    }
}
