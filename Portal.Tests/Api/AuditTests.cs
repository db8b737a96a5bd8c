using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Audit logs over HTTP: filters, files, verification.</summary>
public sealed class AuditTests
{
    private const string Log = "/api/v1/organizations/northwind/audit";

    [Fact]
    public async Task Every_filter_narrows_the_list()
    {
        await using var portal = new PortalHost();
        using var api = await FilledAsync(portal);
        Assert.Equal(
            ["tenant.create", "organization.rename", "organization.rename", "organization.create"],
            await OperationsAsync(api, "")
        );
        Assert.Equal(
            ["organization.rename", "organization.rename", "organization.create"],
            await OperationsAsync(api, "?operation=organization")
        );
        Assert.Equal(["tenant.create"], await OperationsAsync(api, "?operation=tenant.create"));
        Assert.Equal(["tenant.create"], await OperationsAsync(api, "?subject=sho"));
        Assert.Empty(await OperationsAsync(api, "?outcome=refused"));
        Assert.Empty(await OperationsAsync(api, "?actor=nobody@example.com"));
        Assert.Equal(
            4,
            (
                await OperationsAsync(
                    api,
                    $"?actor={PortalHost.OperatorEmail}&outcome=allowed&from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z"
                )
            ).Count
        );
        Assert.Empty(await OperationsAsync(api, "?to=2020-01-01T00:00:00Z"));
        Assert.Equal("time-backwards", (string?)(await ProblemAsync(api, "?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z"))["code"]);
        Assert.Equal("outcome-unknown", (string?)(await ProblemAsync(api, "?outcome=perhaps"))["code"]);
    }

    /// <summary>Whatever zone the host or the reader is in: logs of several systems are laid beside each other.</summary>
    [Fact]
    public async Task Records_are_in_UTC_by_the_hosts_clock()
    {
        await using var portal = new PortalHost();
        var before = TimeProvider.System.GetUtcNow().AddSeconds(-1);
        using var api = await FilledAsync(portal);
        var items = (await api.GetFromJsonAsync<JsonNode>(Log))!["items"]!.AsArray();
        foreach (var at in items.Select(item => (string)item!["at"]!))
        {
            Assert.True(
                DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture) is var instant
                    && instant.Offset == TimeSpan.Zero,
                at
            );
            Assert.InRange(instant, before, TimeProvider.System.GetUtcNow());
        }
    }

    [Fact]
    public async Task One_callers_refusals_fill_no_log_and_how_many_there_were_is_said()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        for (var number = 0; number < 60; number++)
            Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync($"/api/v1/organizations/made-up-{number}")).StatusCode);
        var rows = (await api.GetFromJsonAsync<JsonNode>("/api/v1/operator/audit?outcome=refused&limit=100"))!["items"]!.AsArray();
        Assert.InRange(rows.Count, 20, 40);
    }

    [Fact]
    public async Task The_log_is_taken_away_as_CSV_without_formulas_and_as_JSON_Lines()
    {
        await using var portal = new PortalHost();
        using var api = await FilledAsync(portal);
        await portal
            .Services.GetRequiredService<IAuditTrail>()
            .RecordRefusalAsync(
                new(null, "=cmd|' /C calc'!A0", false),
                await IdAsync(portal),
                new(Permission.ManageResources, "tenant.create", "+1"),
                new Problem.Forbidden("role-missing", "No."),
                default
            );

        using var csv = await api.GetAsync(Log + "/export?format=csv");
        Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
        var text = await csv.Content.ReadAsStringAsync();
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.StartsWith("sequence,at,actor,", lines[0], StringComparison.Ordinal);
        Assert.Contains(",audit.export,", lines[1], StringComparison.Ordinal);
        Assert.Contains("'=cmd", text, StringComparison.Ordinal);
        Assert.DoesNotContain(",=cmd", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"=cmd", text, StringComparison.Ordinal);
        Assert.Contains("'+1", text, StringComparison.Ordinal);

        using var file = await api.GetAsync(Log + "/export?format=jsonl&operation=organization");
        var rows = (await file.Content.ReadAsStringAsync())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!)
            .ToList();
        Assert.Equal(["organization.rename", "organization.rename", "organization.create"], rows.Select(row => (string?)row["operation"]));
        var newest = (await ItemsAsync(api, "")).First();
        Assert.Equal($"{newest["sequence"]} {newest["hash"]}", file.Headers.GetValues("Audit-Head").Single());

        Assert.Equal(HttpStatusCode.BadRequest, (await api.GetAsync(Log + "/export?format=xlsx")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await api.GetAsync("/api/v1/operator/audit/export?format=jsonl")).StatusCode);
    }

    [Fact]
    public async Task Verification_names_the_broken_chain_and_row()
    {
        await using var portal = new PortalHost();
        using var api = await FilledAsync(portal);
        Assert.All(await VerifyAsync(api), chain => Assert.Equal("whole", (string?)chain["state"]));

        await using (var connection = await portal.Services.GetRequiredService<PortalConnections>().OpenAsync(default))
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = "UPDATE audit_rows SET subject = 'other' WHERE sequence = 2 AND operation = 'organization.rename'";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }
        var broken = Assert.Single(await VerifyAsync(api), chain => (string?)chain["state"] == "broken");
        Assert.Equal(("northwind", 2L), ((string?)broken["organization"], (long)broken["brokenAt"]!));

        var output = new StringWriter();
        Assert.Equal(1, await VerifyAuditCommand.PrintAsync(portal.Services.GetRequiredService<VerifyAudit>(), null, output, default));
        Assert.Contains("northwind: BROKEN at row 2; rows 1 to 4, head ", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("(platform): whole", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_reads_the_database_beside_the_running_portal()
    {
        await using var portal = new PortalHost();
        using var api = await FilledAsync(portal);
        var asked = new[]
        {
            "verify-audit",
            "--organization",
            "northwind",
            $"--Portal:DataFolder={portal.DataFolder}",
            "--environment=Development",
        };
        Assert.True(VerifyAuditCommand.IsAskedFor(asked));
        Assert.Equal(0, await VerifyAuditCommand.RunAsync(asked));
        await Assert.ThrowsAsync<Hosting.Settings.WrongSettingException>(() =>
            VerifyAuditCommand.RunAsync([.. asked[..2], "nobody", .. asked[3..]])
        );
        await Assert.ThrowsAsync<Hosting.Settings.WrongSettingException>(() =>
            VerifyAuditCommand.RunAsync(["verify-audit", "--Portal:DataFolder=/nowhere", "--environment=Development"])
        );
    }

    [Theory]
    [InlineData("/o/northwind/settings/audit?after=nonsense")]
    [InlineData("/o/northwind/settings/audit?after=WyJvdGhlciIsIjEiLCIxIl0&from=2026-02-30&to=9999-12-31&outcome=perhaps&subject=%00")]
    [InlineData("/o/northwind/tenants?after=nonsense&search=%00")]
    [InlineData("/o/northwind/billing?after=nonsense")]
    [InlineData("/operator/audit?after=nonsense")]
    [InlineData("/operator/organizations?after=nonsense")]
    [InlineData("/operator/jobs?after=nonsense&intents=nonsense")]
    public async Task An_address_that_somebody_mangled_still_shows_the_page(string address)
    {
        await using var portal = new PortalHost();
        using var api = await FilledAsync(portal);
        using var browser = portal.Browser();
        await browser.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = PortalHost.OperatorEmail, ["Input.Password"] = PortalHost.OperatorPassword }
        );
        using var page = await browser.GetAsync(address);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain("<h1>Something went wrong", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<HttpClient> FilledAsync(PortalHost portal)
    {
        var api = portal.Api();
        await api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        foreach (var name in new[] { "North", "Northwind" })
            await api.PatchAsJsonAsync("/api/v1/organizations/northwind", new { name });
        await api.PostAsJsonAsync("/api/v1/organizations/northwind/tenants", new { name = "shop" });
        return api;
    }

    private static async Task<OrganizationId> IdAsync(PortalHost portal) =>
        (
            await portal
                .Services.GetRequiredService<IPortalDatabase>()
                .ReadAsync(session => session.Organizations.FindAsync("northwind", default), default)
        )!.Id;

    private static async Task<List<JsonNode>> ItemsAsync(HttpClient api, string query) =>
        [.. (await api.GetFromJsonAsync<JsonNode>(Log + query))!["items"]!.AsArray().Select(item => item!)];

    private static async Task<List<string>> OperationsAsync(HttpClient api, string query) =>
        [.. (await ItemsAsync(api, query)).Select(item => (string)item["operation"]!)];

    private static async Task<JsonNode> ProblemAsync(HttpClient api, string query)
    {
        using var answer = await api.GetAsync(Log + query);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    private static async Task<List<JsonNode>> VerifyAsync(HttpClient api)
    {
        using var answer = await api.PostAsync("/api/v1/operator/audit/verify", null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return [.. (await answer.Content.ReadFromJsonAsync<JsonNode>())!["items"]!.AsArray().Select(item => item!)];
    }
}
