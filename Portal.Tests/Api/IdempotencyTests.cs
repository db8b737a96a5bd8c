using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>Idempotency-Key: who may have a kept answer, and whose reservation stands.</summary>
public sealed class IdempotencyTests(PostgresServer postgres)
{
    private const string Org = "/api/v1/organizations/northwind";

    [Fact]
    public async Task A_member_who_was_removed_does_not_get_the_token_that_was_kept()
    {
        await using var portal = new PortalHost();
        using var owner = await portal.SignedUpAsync("olga@northwind.example");
        using var member = await portal.SignedUpAsync("max@northwind.example");
        await owner.PostAsJsonAsync("/api/v1/organizations", new { name = "Northwind", slug = "northwind" });
        await owner.PostAsJsonAsync(Org + "/invitations", new { email = "max@northwind.example", role = "admin" });
        var link = (await portal.NewestMailAsync("max@northwind.example")).ActionUrl!;
        Assert.Equal(
            HttpStatusCode.OK,
            (await member.PostAsJsonAsync($"/api/v1/invitations/{link.Segments[^1]}/accept", new { })).StatusCode
        );

        var first = await SendAsync(member, Org + "/api-keys", new { name = "ci", role = "developer" });
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first, await SendAsync(member, Org + "/api-keys", new { name = "ci", role = "developer" }));

        var id = (string)
            (await owner.GetFromJsonAsync<JsonNode>(Org + "/members"))!["items"]!
                .AsArray()
                .Single(one => (string?)one!["email"] == "max@northwind.example")!["id"]!;
        Assert.Equal(HttpStatusCode.NoContent, (await owner.DeleteAsync($"{Org}/members/{id}")).StatusCode);
        var refused = await SendAsync(member, Org + "/api-keys", new { name = "ci", role = "developer" });
        Assert.Equal(HttpStatusCode.NotFound, refused.Status);
        Assert.DoesNotContain((string)JsonNode.Parse(first.Body)!["key"]!, refused.Body, StringComparison.Ordinal);
        Assert.Single((await owner.GetFromJsonAsync<JsonNode>(Org + "/api-keys"))!["items"]!.AsArray());
    }

    [Fact]
    public async Task Of_many_at_once_one_is_carried_out()
    {
        await using var portal = new PortalHost();
        using var api = portal.Api();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => SendAsync(api, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" }))
        );
        Assert.All(
            answers,
            answer =>
                Assert.True(
                    answer.Status is HttpStatusCode.Created || answer.Body.Contains("idempotency-key-in-flight", StringComparison.Ordinal),
                    answer.Body
                )
        );
        Assert.Equal(
            HttpStatusCode.Created,
            (await SendAsync(api, "/api/v1/organizations", new { name = "Northwind", slug = "northwind" })).Status
        );
        Assert.Single((await api.GetFromJsonAsync<JsonNode>("/api/v1/organizations"))!["items"]!.AsArray());
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("PostgreSql")]
    public async Task A_reservation_stands_while_its_process_lives_and_no_longer(string provider)
    {
        await using var database = provider == "Sqlite" ? await TestDatabase.SqliteAsync() : await TestDatabase.PostgreSqlAsync(postgres);
        byte[] key = [1, 2, 3],
            body = [4];
        AnswerSlot.Reserved first;
        await using (var died = database.Another())
        {
            first = Assert.IsType<AnswerSlot.Reserved>(await AnswersOf(died).ReserveAsync(key, body, CancellationToken.None));
            Assert.False(first.WasBegun);
            Assert.IsType<AnswerSlot.InFlight>(await AnswersOf(died).ReserveAsync(key, body, CancellationToken.None));
            Assert.IsType<AnswerSlot.OtherBody>(await AnswersOf(died).ReserveAsync(key, [5], CancellationToken.None));
            if (provider == "PostgreSql")
            {
                await using var beside = database.Another();
                Assert.IsType<AnswerSlot.InFlight>(await AnswersOf(beside).ReserveAsync(key, body, CancellationToken.None));
            }
        }
        await using var next = database.Another();
        var second = Assert.IsType<AnswerSlot.Reserved>(await AnswersOf(next).ReserveAsync(key, body, CancellationToken.None));
        Assert.True(second.WasBegun);
        // What the first one would still write finds the reservation lost.
        await AnswersOf(next).KeepAsync(key, first.Holder, [9], CancellationToken.None);
        await AnswersOf(next).ReleaseAsync(key, first.Holder, CancellationToken.None);
        Assert.IsType<AnswerSlot.InFlight>(await AnswersOf(next).ReserveAsync(key, body, CancellationToken.None));
        await AnswersOf(next).KeepAsync(key, second.Holder, [7], CancellationToken.None);
        Assert.Equal([7], Assert.IsType<AnswerSlot.Answered>(await AnswersOf(next).ReserveAsync(key, body, CancellationToken.None)).Sealed);
    }

    private static IKeptAnswers AnswersOf(TestDatabase replica) => replica.Provider.GetRequiredService<IKeptAnswers>();

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpClient client, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", "one");
        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
