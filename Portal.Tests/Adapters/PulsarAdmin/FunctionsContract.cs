using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support.Journeys;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>The built-in function <c>anomaly-score</c> on a cluster: the same life and the same scores on every Pulsar.</summary>
public abstract class FunctionsContract : PulsarContract
{
    /// <summary>
    /// What goes in, and what comes out of it where the function can tell: as Pulsar 4.0.7 answered, Java's way with numbers included.
    /// </summary>
    private static readonly (string In, string? Out)[] Messages =
    [
        ("""{"v": 1}""", """{"v":1,"anomaly":0.0}"""),
        ("""{"v":1}""", """{"v":1,"anomaly":0.0}"""),
        ("""{"v":2, "b":"x"}""", """{"v":2,"b":"x","anomaly":0.0}"""),
        ("not json", null),
        ("""{"v":"1"}""", null),
        ("""{"v":1e3,"anomaly":7}""", """{"v":1000.0,"anomaly":4583.496946999954}"""),
        ("[1]", null),
        ("""{"w":1}""", null),
        ("""{"v":1.10,"n":1.0,"d":1e2,"u":"é\u00e9/\/<"}""", """{"v":1.1,"n":1.0,"d":100.0,"u":"éé//<","anomaly":0.22918596790469153}"""),
        ("""{"v":1,"v":9}""", """{"v":9,"anomaly":0.18591046714058146}"""),
        ("""{"v":1} trailing""", """{"v":1,"anomaly":0.21964174782920529}"""),
        ("", null),
        ("""{"v":12345678901234567890}""", """{"v":12345678901234567890,"anomaly":6.1033906297355136E16}"""),
        ("""{"v":0.1}""", """{"v":0.1,"anomaly":0.2294157338705618}"""),
        ("""{"v":NaN}""", null),
        ("""{'v':1}""", null),
        (
            """{"v":5,"big":123456789012345678901234567890,"f":0.1e-7,"z":-0.0,"t":true,"nn":null,"a":[1,{"x":1.50}]}""",
            """{"v":5,"big":123456789012345678901234567890,"f":1.0E-8,"z":-0.0,"t":true,"nn":null,"a":[1,{"x":1.5}],"anomaly":0.22331315770504764}"""
        ),
        ("null", null),
        ("3", null),
    ];

    [Fact]
    public async Task The_catalog_names_the_function_and_no_settings_for_it()
    {
        var types = await Ports.Connectors.TypesAsync(PulsarPorts.ClusterName, Stop).Ok();
        var score = Assert.Single(types, type => type.Key == "function:anomaly-score");
        Assert.Equal("Scores a numeric field of JSON messages against its running mean", score.Description);
        Assert.Empty(await Ports.Connectors.FieldsAsync(PulsarPorts.ClusterName, score, Stop).Ok());
    }

    [Fact]
    public async Task Messages_come_out_with_their_scores_and_what_has_none_is_counted()
    {
        var world = await WorldAsync();
        var function = world.Function(new() { ["field"] = "v" });
        await RunAsync(world, function);
        foreach (var (text, _) in Messages)
            await SendAsync(world, text);
        var expected = Messages.Select(message => message.Out).OfType<string>().ToList();
        var arrived = await ReadAsync(world, expected.Count);
        Assert.Equal(expected.Select(Split), arrived.Select(message => Split(Text(message))));
        // Keys and properties go on, and say where the message came from.
        Assert.All(arrived, message => Assert.Equal(("k1", "C"), (message.Key, message.Properties["unit"])));
        Assert.All(arrived, message => Assert.Equal(world.In.Address, message.Properties["__pfn_input_topic__"]));
        Assert.Equal(
            expected.Count,
            arrived.Select(message => message.Properties["__pfn_input_msg_id__"]).Distinct(StringComparer.Ordinal).Count()
        );

        var failed = Messages.Length - expected.Count;
        var status = await StatusAsync(
            function,
            status => status.Instances is [{ Received: 19, Exception: not null }] && status.Instances[0].Failures == failed
        );
        var instance = status.Instances.Single();
        Assert.Equal((true, (long)expected.Count, true), (instance.IsRunning, instance.Delivered, instance.IsTroubleOfMessage));
        Assert.False(status.IsFailing);
        Assert.True(status.FailsMessages(TimeProvider.System.GetUtcNow()));
        Assert.Equal("no numeric field v in this message", ExceptionWords.Of(instance.Exception, ConnectorKind.Function));
        Assert.NotNull(instance.LastMessageAt);
        Assert.True(instance.AverageLatency > TimeSpan.Zero);
        var minute = await Ports.Connectors.LastMinuteAsync(function.Address, Stop).Ok();
        Assert.True(minute.Received <= 19 && minute.Received == minute.Processed + minute.Failed, $"{minute}");
        await Ports.Connectors.DeleteAsync(function.Address, Stop).Ok();
    }

    [Fact]
    public async Task A_function_is_made_changed_stopped_started_restarted_and_deleted_and_its_name_serves_again()
    {
        var world = await WorldAsync();
        var function = world.Function([]);
        for (var life = 0; life < 2; life++)
        {
            await MakeAsync(function);
            await RunAsync(world, function);
            await Ports.Connectors.StopAsync(function.Address, Stop).Ok();
            await Ports.Connectors.StopAsync(function.Address, Stop).Ok();
            await StatusAsync(function, status => status.Running == 0);
            await ConnectedAsync(world, 0);
            await SendAsync(world, """{"value":1}""");
            await MakeAsync(
                function with
                {
                    Configuration = new() { ["threshold"] = 0 },
                    Instances = 2,
                }
            );
            await Ports.Connectors.StartAsync(function.Address, Stop).Ok();
            await Ports.Connectors.StartAsync(function.Address, Stop).Ok();
            await StatusAsync(function, status => status.Running == 2);
            await Ports.Connectors.RestartAsync(function.Address, Stop).Ok();
            await StatusAsync(function, status => status.Running == 2);
            // What waited while it was stopped has come through.
            await ReadAsync(world, life + 1);
            await Ports.Connectors.DeleteAsync(function.Address, Stop).Ok();
            await Ports.Connectors.DeleteAsync(function.Address, Stop).Ok();
            await Ports.Connectors.StatusAsync(function.Address, Stop).Refused("connector-not-on-cluster");
            await Ports.Connectors.LastMinuteAsync(function.Address, Stop).Refused("connector-not-on-cluster");
        }
    }

    [Fact]
    public async Task A_threshold_filters_and_a_setting_that_is_no_number_is_said()
    {
        var world = await WorldAsync();
        var function = world.Function(new() { ["threshold"] = "3", ["weight"] = 0.5 });
        await RunAsync(world, function);
        foreach (var value in (int[])[10, 11, 10, 11, 1000])
            await SendAsync(world, $$"""{"value":{{value}}}""");
        var outlier = Assert.Single(await ReadAsync(world, 1));
        Assert.StartsWith("""{"value":1000,"anomaly":""", Text(outlier), StringComparison.Ordinal);
        await StatusAsync(function, status => status.Instances is [{ Received: 5, Delivered: 5, Failures: 0 }]);

        await MakeAsync(function with { Configuration = new() { ["weight"] = "heavy" } });
        await StatusAsync(function, status => status.Instances is [{ IsRunning: true, Received: 0 }]);
        await SendAsync(world, """{"value":1}""");
        // A worker counts a failure before it notes why.
        var failing = await StatusAsync(function, status => status.Instances is [{ Failures: > 0, Exception: not null }]);
        Assert.Equal(
            "The function needs a number in a setting or a message. For input string: \"heavy\"",
            ExceptionWords.Of(failing.Instances.Single().Exception, ConnectorKind.Function)
        );
        await Ports.Connectors.DeleteAsync(function.Address, Stop).Ok();
    }

    [Fact]
    public async Task A_topic_that_has_messages_is_read_from_its_first_one_once_it_is_declared_as_text()
    {
        var world = await WorldAsync();
        await SendAsync(world, """{"value":1}""");
        Assert.Null(await Ports.Admin.SchemaAsync(world.In, Stop).Ok());
        Assert.True((await Ports.Schemas.UploadAsync(world.In.OnCluster, SchemaDefinition.OfText, Stop).Ok()).Fits);
        var function = world.Function([]);
        await RunAsync(world, function);
        // Clients that know nothing of a schema go on.
        await SendAsync(world, """{"value":2}""");
        Assert.Equal(2, (await ReadAsync(world, 2)).Count);
        await Ports.Connectors.DeleteAsync(function.Address, Stop).Ok();
    }

    [Fact]
    public async Task Of_an_effectively_once_function_one_bad_message_stops_it()
    {
        var world = await WorldAsync();
        var function = world.Function([]) with { Guarantee = Guarantee.EffectivelyOnce };
        await RunAsync(world, function);
        await SendAsync(world, "not json");
        var failing = await StatusAsync(function, status => status.IsFailing && status.Instances is [{ Exception: not null }]);
        Assert.StartsWith(
            "Failed to process message",
            ExceptionWords.Of(failing.Instances.Single().Exception, ConnectorKind.Function),
            StringComparison.Ordinal
        );
        await Ports.Connectors.DeleteAsync(function.Address, Stop).Ok();
    }

    [Fact]
    public async Task What_the_cluster_refuses_is_said()
    {
        var world = await WorldAsync();
        var function = world.Function([]);
        var unknown = await Ports.Connectors.EnsureAsync(function with { Type = "nothing-of-the-kind" }, Stop).Refused("connector-refused");
        Assert.Contains("nothing-of-the-kind", unknown.Message, StringComparison.Ordinal);
        Assert.StartsWith("The cluster doesn't accept this function.", unknown.Message, StringComparison.Ordinal);
        await Ports.Connectors.EnsureAsync(function with { Output = world.In.Address }, Stop).Refused("connector-refused");
        await MakeAsync(function);
        var moved = await Ports
            .Connectors.EnsureAsync(function with { Topics = [world.Out.Address], Output = world.In.Address }, Stop)
            .Refused("connector-refused");
        Assert.Contains("Input Topics cannot be altered", moved.Message, StringComparison.Ordinal);
        await Ports.Connectors.DeleteAsync(function.Address, Stop).Ok();
    }

    /// <summary>The score as a number: Java 17 and 21 write some of them with a digit more or less.</summary>
    private static (string Before, double Score) Split(string json)
    {
        var at = json.LastIndexOf(':') + 1;
        return (json[..at], double.Parse(json[at..].TrimEnd('}'), CultureInfo.InvariantCulture));
    }

    private static string Text(Message message) => Encoding.UTF8.GetString(message.Payload.Span);

    private Task SendAsync(World world, string text) =>
        Ports
            .Messages.SendAsync(
                world.Namespace,
                world.In,
                new(Encoding.UTF8.GetBytes(text), "k1", new Dictionary<string, string> { ["unit"] = "C" }),
                Stop
            )
            .Ok();

    /// <summary>All messages of the output, once there are so many.</summary>
    private async Task<IReadOnlyList<Message>> ReadAsync(World world, int count)
    {
        IReadOnlyList<Message> read = [];
        await Eventually.TrueAsync(
            async () => (read = (await Ports.Messages.ReadAsync(world.Namespace, world.Out, new(), 100, Stop).Ok()).Items).Count >= count,
            () => $"{count} messages come out: {string.Join('\n', read.Select(Text))}"
        );
        Assert.Equal(count, read.Count);
        return read;
    }

    private async Task<World> WorldAsync()
    {
        var (_, @namespace) = await NamespaceAsync();
        var world = new World(@namespace, Given.Topic(@namespace, "readings"), Given.Topic(@namespace, "scored"));
        await Ports.Admin.AdmitPortalAsync(@namespace, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(world.In, Stop).Ok();
        await Ports.Admin.EnsureTopicAsync(world.Out, Stop).Ok();
        await Ports.Admin.CreateSubscriptionAsync(world.In, SubscriptionName.Create("score").Value, true, Stop).Ok();
        return world;
    }

    /// <summary>A functions worker that has just begun asks for patience, on a busy machine for much of it.</summary>
    private async Task MakeAsync(WantedConnector wanted)
    {
        Outcome<Done> made = Outcome.Done;
        await Eventually.TrueAsync(
            async () => (made = await Ports.Connectors.EnsureAsync(wanted, Stop)).Problem?.Code != "connectors-starting",
            "the worker is there"
        );
        await Task.FromResult(made).Ok();
    }

    /// <summary>Made, and connected to its topics: a worker gives them their schema only while nothing was sent.</summary>
    private async Task RunAsync(World world, WantedConnector wanted)
    {
        await MakeAsync(wanted);
        await ConnectedAsync(world, 1);
        await StatusAsync(wanted, status => status.Running == 1);
    }

    /// <summary>Functions say that they run before they are connected.</summary>
    private Task ConnectedAsync(World world, int instances) =>
        Eventually.TrueAsync(
            async () =>
                (await Ports.Subscriptions.LookAsync(world.In.OnCluster, SubscriptionName.Create("score").Value, Stop).Ok()).Consumers.Count
                == instances,
            "the function is connected"
        );

    private async Task<ConnectorStatus> StatusAsync(WantedConnector function, Func<ConnectorStatus, bool> isSo)
    {
        ConnectorStatus? last = null;
        await Eventually.TrueAsync(
            async () => isSo(last = await Ports.Connectors.StatusAsync(function.Address, Stop).Ok()),
            () => $"the status comes: {last} {string.Join(' ', last?.Instances ?? [])}"
        );
        return last!;
    }

    private sealed record World(Namespace Namespace, Topic In, Topic Out)
    {
        public WantedConnector Function(JsonObject configuration) =>
            new(
                new(PulsarPorts.ClusterName, Namespace.TenantName, Namespace.Name, "score", ConnectorKind.Function),
                "anomaly-score",
                [In.Address],
                "score",
                Guarantee.AtLeastOnce,
                1,
                configuration,
                Out.Address
            );
    }
}
