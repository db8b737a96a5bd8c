using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Emails as the portal keeps and shows them without a mail server, and the zones in which they give times.</summary>
public sealed class EmailTests
{
    private const string Org = "/api/v1/organizations/northwind";

    [Fact]
    public async Task An_invitation_gives_times_in_the_organization_s_zone_and_the_outbox_shows_both_parts()
    {
        await using var portal = new PortalHost();
        using var eve = await portal.SignedUpAsync("eve@else.example");
        (await eve.PostAsJsonAsync("/api/v1/organizations", new { name = "North & <b>", slug = "northwind" })).EnsureSuccessStatusCode();
        var refused = await eve.PutAsJsonAsync($"{Org}/time-zone", new { timeZone = "Moon/Tycho" });
        Assert.Equal(
            (HttpStatusCode.BadRequest, "time-zone-unknown"),
            (refused.StatusCode, (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync())!["code"])
        );
        var set = await eve.PutAsJsonAsync($"{Org}/time-zone", new { timeZone = "Asia/Kolkata" });
        Assert.Equal("Asia/Kolkata", (string?)JsonNode.Parse(await set.Content.ReadAsStringAsync())!["timeZone"]);

        (await eve.PostAsJsonAsync($"{Org}/invitations", new { email = "jo@else.example", role = "viewer" })).EnsureSuccessStatusCode();
        var mail = await portal.NewestMailAsync("jo@else.example");
        Assert.Equal("member.invitation", mail.Kind);
        Assert.Contains("(Asia/Kolkata)", mail.Body, StringComparison.Ordinal);

        var outbox = await portal.Browser().GetStringAsync("/outbox");
        Assert.Contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\"", outbox, StringComparison.Ordinal);
        // Escaped in the HTML part, and once more in the attribute that holds it.
        Assert.Contains("North &amp;amp; &amp;lt;b&amp;gt;", outbox, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", outbox.Split("srcdoc=")[1].Split('"')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_that_signs_in_tells_its_zone()
    {
        await using var portal = new PortalHost();
        (await portal.SignedUpAsync("ada@example.com")).Dispose();
        using var browser = portal.Browser();
        browser.DefaultRequestHeaders.Add("Cookie", "portal-zone=Europe%2FBerlin");
        await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password }
        );
        var database = portal.Services.GetRequiredService<IPortalDatabase>();
        var account = await database.ReadAsync(
            session => session.Accounts.FindAsync(EmailAddress.Create("ada@example.com").Value, default),
            default
        );
        Assert.Equal("Europe/Berlin", account!.Account.TimeZone);
    }
}
