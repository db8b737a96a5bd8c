using System.Net;
using System.Text.Json.Nodes;
using Portal.Domain.Connectors;
using Portal.Tests.Adapters.PulsarAdmin;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>Connectors tried before they are made: what they did is said, and nothing of it is left, however the trial ended.</summary>
public sealed class ConnectorTrialTests
{
    private const string Secret = "Bearer tr1al-of-the-hook";

    [Theory]
    [InlineData("LocalPulsar")]
    [InlineData("4.2.4", Traits = ["tier", "real"])]
    public async Task A_sink_is_tried_on_real_messages_and_a_source_shows_its_first_ones(string pulsar)
    {
        await using var world = await ConnectorWorld.StartAsync(pulsar);
        await using var hook = PostTarget.Start();
        for (var number = 1; number <= 7; number++)
            await world.SendAsync($"order {number}");

        // An address that nobody listens at: said, with the setting it is about, and the secret nowhere.
        var failing = await TryAsync(world, Sink("http://127.0.0.1:1/"));
        Assert.Equal("failing", (string?)failing["outcome"]);
        var instance = Assert.Single(failing["instances"]!.AsArray())!;
        // A worker whose connector has died stumbles over an exception without a text, and then can't say what is wrong at all.
        var trouble = (string?)instance["trouble"];
        Assert.True(
            (string?)instance["troubleField"] == "url" || pulsar != "LocalPulsar" && trouble == LookAtConnectors.Obscure,
            failing.ToJsonString()
        );
        Assert.NotEmpty(trouble!);
        Assert.Equal((5, 0), ((int)failing["sent"]!, (int)failing["acknowledged"]!));
        Assert.DoesNotContain("tr1al", failing.ToJsonString(), StringComparison.Ordinal);
        await world.SweptAsync();

        var worked = await TryAsync(world, Sink(hook.Url, 5));
        Assert.True((string?)worked["outcome"] == "finished", worked.ToJsonString());
        Assert.Equal((5, 5), ((int)worked["sent"]!, (int)worked["acknowledged"]!));
        Assert.Equal((5, 5), ((long)worked["instances"]![0]!["received"]!, (long)worked["instances"]![0]!["delivered"]!));
        Assert.Equal(["order 3", "order 4", "order 5", "order 6", "order 7"], hook.Bodies.Distinct().Order(StringComparer.Ordinal));
        Assert.All(hook.Authorizations, one => Assert.Equal(Secret, one));
        await world.SweptAsync();
        // The topic of the customer's own was only read.
        Assert.Empty((await world.Rest.GetAsync($"{world.Tenant}/namespaces/default/topics/orders/subscriptions"))["items"]!.AsArray());

        var beats = await TryAsync(world, Source(new() { ["text"] = "beat", ["intervalMs"] = 20 }));
        Assert.True((string?)beats["outcome"] == "finished", beats.ToJsonString());
        Assert.Equal(20, beats["messages"]!.AsArray().Count);
        Assert.Equal("beat 1", (string?)beats["messages"]![0]!["payload"]);
        await world.SweptAsync();
        var ended = await TryAsync(
            world,
            Source(
                new()
                {
                    ["text"] = "beat",
                    ["intervalMs"] = 20,
                    ["failAfter"] = 3,
                }
            )
        );
        Assert.True((string?)ended["outcome"] == "failing", ended.ToJsonString());
        Assert.Contains("asked to fail after 3 messages", (string)ended["instances"]![0]!["trouble"]!, StringComparison.Ordinal);
        await world.SweptAsync();

        // None of it is one of the organization's connectors, or in what it is shown and charged.
        Assert.Empty((await world.Rest.GetAsync($"{world.Tenant}/connectors"))["items"]!.AsArray());
        var audit = (await world.Rest.GetAsync("/api/v1/organizations/northwind/audit")).ToJsonString();
        Assert.Contains("connector.try", audit, StringComparison.Ordinal);
        Assert.DoesNotContain("tr1al", audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_leaves_in_the_middle_leaves_nothing_behind_and_a_refused_deletion_is_asked_for_again()
    {
        await using var world = await ConnectorWorld.StartAsync("LocalPulsar");
        await world.SendAsync("order 1");
        // Takes what it is sent and never answers, so that the trial goes on.
        using var silence = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silence.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)silence.LocalEndpoint).Port}/";
        var refusals = 2;
        world.Recorder.Instead = (method, path) =>
            method == "DELETE" && path.Contains("portal-preview", StringComparison.Ordinal) && Interlocked.Decrement(ref refusals) >= 0
                ? refusals == 1
                    ? HttpStatusCode.Conflict
                    : HttpStatusCode.Forbidden
                : null;
        using var left = new CancellationTokenSource();
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Recorder.Done = told =>
        {
            if (told.Method == "POST" && told.Path.StartsWith("sinks/", StringComparison.Ordinal))
                made.TrySetResult();
        };
        var running = world
            .Use<TryConnector>()
            .RunAsync(
                world.Actor,
                "northwind",
                world.Name,
                new("default", ConnectorKind.Sink, "http-post", "default/orders", 1, new() { ["url"] = url, ["authorization"] = Secret }),
                left.Token
            );
        await made.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(
            "preview-running",
            (
                await world
                    .Use<TryConnector>()
                    .RunAsync(
                        world.Actor,
                        "northwind",
                        world.Name,
                        new("default", ConnectorKind.Source, "heartbeat", null, 5, new() { ["text"] = "x" }),
                        CancellationToken.None
                    )
            )
                .Problem
                ?.Code
        );
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await world.SweptAsync();
        Assert.True(refusals < 0);
        Assert.DoesNotContain(
            world.Recorder.Orders,
            told => told.Method == "POST" && told.Path.StartsWith("sources/", StringComparison.Ordinal)
        );
    }

    private static JsonObject Sink(string url, int? messages = null) =>
        new()
        {
            ["namespace"] = "default",
            ["kind"] = "sink",
            ["type"] = "http-post",
            ["topic"] = "default/orders",
            ["messages"] = messages,
            ["configuration"] = new JsonObject { ["url"] = url, ["authorization"] = Secret },
        };

    private static JsonObject Source(JsonObject configuration) =>
        new()
        {
            ["namespace"] = "default",
            ["kind"] = "source",
            ["type"] = "heartbeat",
            ["messages"] = 20,
            ["configuration"] = configuration,
        };

    private static Task<JsonNode> TryAsync(ConnectorWorld world, JsonObject wanted) =>
        world.Rest.PostAsync($"{world.Tenant}/connectors/trial", wanted, HttpStatusCode.OK);
}
