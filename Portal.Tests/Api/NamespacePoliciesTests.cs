using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>A namespace's policies, as a customer's script reads and replaces them.</summary>
public sealed class NamespacePoliciesTests
{
    private const string Tenants = "/api/v1/organizations/northwind/tenants";
    private const string Policies = Tenants + "/shop/namespaces/default/policies";
    private const long GiB = 1L << 30;
    private const long MiB = 1L << 20;

    [Fact]
    public async Task Policies_are_replaced_whole_reach_the_cluster_and_stand_in_the_audit_log()
    {
        await using var portal = new PortalHost();
        using var api = await ReadyAsync(portal);
        var fresh = await AppliedAsync(api);
        Assert.DoesNotContain(fresh["wished"]!.AsObject(), wish => wish.Value is not null);
        Assert.Equal(
            (1440, 512 * MiB, 256 * MiB, "producer_exception"),
            (
                (long)fresh["inForce"]!["retention"]!["timeMinutes"]!,
                (long)fresh["inForce"]!["retention"]!["sizeBytes"]!,
                (long)fresh["inForce"]!["backlogQuota"]!["sizeBytes"]!,
                (string)fresh["inForce"]!["backlogQuota"]!["whenFull"]!
            )
        );
        Assert.Equal(2880, (long)fresh["limits"]!["retentionMinutes"]!);

        var set = await AnswerAsync(
            api.PutAsJsonAsync(
                Policies,
                new
                {
                    retention = new { timeMinutes = 60, sizeBytes = 100 * MiB },
                    messageTtlSeconds = 3600,
                    backlogQuota = new { sizeBytes = 50 * MiB, whenFull = "consumer_backlog_eviction" },
                    publishRate = new { messagesPerSecond = 10 },
                    deduplication = true,
                    schemaCompatibility = "BACKWARD",
                    schemaValidation = true,
                }
            ),
            HttpStatusCode.OK
        );
        Assert.Equal(
            ("BACKWARD", true, 10),
            (
                (string)set["wished"]!["schemaCompatibility"]!,
                (bool)set["inForce"]!["deduplication"]!,
                (int)set["inForce"]!["publishRate"]!["messagesPerSecond"]!
            )
        );
        await AppliedAsync(api);

        // Retention has an address of its own, and leaves the rest as it is.
        await AnswerAsync(api.PutAsJsonAsync(Tenants + "/shop/namespaces/default/retention", new { timeMinutes = 90 }), HttpStatusCode.OK);
        var now = await AppliedAsync(api);
        Assert.Equal(
            (90, null, 3600),
            (
                (long)now["wished"]!["retention"]!["timeMinutes"]!,
                (long?)now["wished"]!["retention"]!["sizeBytes"],
                (long)now["wished"]!["messageTtlSeconds"]!
            )
        );

        var audit = (await api.GetFromJsonAsync<JsonNode>("/api/v1/organizations/northwind/audit?operation=namespace.set-policies"))![
            "items"
        ]![0]!;
        Assert.Equal(("shop/default", "BACKWARD"), ((string)audit["subject"]!, (string)audit["details"]!["schema compatibility"]!));

        await AnswerAsync(api.PutAsJsonAsync(Policies, new { }), HttpStatusCode.OK);
        Assert.DoesNotContain((await AppliedAsync(api))["wished"]!.AsObject(), wish => wish.Value is not null);
    }

    [Fact]
    public async Task What_makes_no_sense_or_is_more_than_the_plan_allows_is_refused_and_changes_nothing()
    {
        await using var portal = new PortalHost();
        using var api = await ReadyAsync(portal);
        (object Body, HttpStatusCode Status, string Code)[] refused =
        [
            (new { messageTtlSeconds = 0 }, HttpStatusCode.BadRequest, "message-ttl-out-of-range"),
            (new { messageTtlSeconds = long.MaxValue }, HttpStatusCode.BadRequest, "message-ttl-out-of-range"),
            (new { retention = new { timeMinutes = -1 } }, HttpStatusCode.BadRequest, "retention-time-out-of-range"),
            (new { backlogQuota = new { sizeBytes = 1 } }, HttpStatusCode.BadRequest, "backlog-quota-out-of-range"),
            (new { backlogQuota = new { whenFull = "explode" } }, HttpStatusCode.BadRequest, "policy-word-unknown"),
            (new { schemaCompatibility = "backward" }, HttpStatusCode.BadRequest, "policy-word-unknown"),
            (new { publishRate = new { messagesPerSecond = 0 } }, HttpStatusCode.BadRequest, "rate-out-of-range"),
            (new { dispatchRate = new { bytesPerSecond = 1 } }, HttpStatusCode.BadRequest, "rate-out-of-range"),
            (
                new { retention = new { sizeBytes = 10 * MiB }, backlogQuota = new { sizeBytes = 10 * MiB } },
                HttpStatusCode.BadRequest,
                "backlog-over-retention"
            ),
            (new { retention = new { timeMinutes = 2881 } }, HttpStatusCode.UnprocessableEntity, "retention-limit"),
            (new { backlogQuota = new { sizeBytes = GiB } }, HttpStatusCode.UnprocessableEntity, "backlog-quota-limit"),
            (new { publishRate = new { messagesPerSecond = 1_000_000 } }, HttpStatusCode.UnprocessableEntity, "rate-limit"),
            (new { dispatchRate = new { bytesPerSecond = GiB } }, HttpStatusCode.UnprocessableEntity, "rate-limit"),
        ];
        foreach (var (body, status, code) in refused)
        {
            var problem = await AnswerAsync(api.PutAsJsonAsync(Policies, body), status);
            Assert.Equal(code, (string)problem["code"]!);
        }
        Assert.DoesNotContain(
            (await AnswerAsync(api.GetAsync(Policies), HttpStatusCode.OK))["wished"]!.AsObject(),
            wish => wish.Value is not null
        );
    }

    private static async Task<HttpClient> ReadyAsync(PortalHost portal)
    {
        var api = portal.Api();
        await AnswerAsync(
            api.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" }),
            HttpStatusCode.Created
        );
        await AnswerAsync(api.PostAsJsonAsync(Tenants, new { name = "shop" }), HttpStatusCode.Accepted);
        return api;
    }

    private static async Task<JsonNode> AppliedAsync(HttpClient api)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            var found = await AnswerAsync(api.GetAsync(Policies), HttpStatusCode.OK);
            if ((bool)found["applied"]!)
                return found;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
        throw new Xunit.Sdk.XunitException("The policies never reached the cluster.");
    }

    private static async Task<JsonNode> AnswerAsync(Task<HttpResponseMessage> asked, HttpStatusCode status)
    {
        using var answer = await asked;
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == status, $"{(int)answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!;
    }
}
