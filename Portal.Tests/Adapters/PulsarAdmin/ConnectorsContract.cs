using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support.Journeys;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>Built-in connectors of a cluster, the same for every Pulsar.</summary>
public abstract class ConnectorsContract : PulsarContract
{
    private const string Key = "k3y-of-the-source";

    [Fact]
    public async Task The_catalog_names_what_is_built_in_with_its_settings()
    {
        var types = await Ports.Connectors.TypesAsync(PulsarPorts.ClusterName, Stop).Ok();
        var heartbeat = Assert.Single(types, type => type.Key == "source:heartbeat");
        Assert.Contains(types, type => type.Key == "sink:http-post");
        var fields = await Ports.Connectors.FieldsAsync(PulsarPorts.ClusterName, heartbeat, Stop).Ok();
        Assert.Equal(
            [
                ("text", FieldKind.Text, true, false),
                ("intervalMs", FieldKind.LargeWhole, false, false),
                ("failAfter", FieldKind.LargeWhole, false, false),
                ("apiKey", FieldKind.Text, false, true),
            ],
            fields.Select(field => (field.Name, field.Kind, field.Required, field.IsSecret))
        );
        Assert.Equal((null, "1000"), (fields[0].Default, fields[1].Default));
    }

    [Fact]
    public async Task A_source_is_made_changed_stopped_started_and_deleted_and_its_name_serves_again()
    {
        var (_, _, topic) = await TopicAsync();
        var source = Heartbeat(
            topic,
            new()
            {
                ["text"] = "hi",
                ["intervalMs"] = 100,
                ["apiKey"] = Key,
            }
        );
        for (var life = 0; life < 2; life++)
        {
            await MakeAsync(source);
            await MakeAsync(source);
            var running = await StatusAsync(source, status => status.Instances is [{ IsRunning: true, Delivered: > 0 }]);
            Assert.False(running.IsFailing);
            Assert.DoesNotContain(Key, $"{running}{running.Instances[0]}", StringComparison.Ordinal);

            await Ports.Connectors.StopAsync(source.Address, Stop).Ok();
            await Ports.Connectors.StopAsync(source.Address, Stop).Ok();
            await StatusAsync(source, status => status.Running == 0);
            await MakeAsync(
                source with
                {
                    Configuration = new() { ["text"] = "ho", ["intervalMs"] = 100 },
                }
            );
            await Ports.Connectors.StartAsync(source.Address, Stop).Ok();
            await Ports.Connectors.StartAsync(source.Address, Stop).Ok();
            await Ports.Connectors.RestartAsync(source.Address, Stop).Ok();
            await StatusAsync(source, status => status.Running == 1);
            await Ports.Connectors.DeleteAsync(source.Address, Stop).Ok();
            await Ports.Connectors.DeleteAsync(source.Address, Stop).Ok();
            await Ports.Connectors.StatusAsync(source.Address, Stop).Refused("connector-not-on-cluster");
        }
    }

    [Fact]
    public async Task A_source_that_fails_says_why()
    {
        var (_, _, topic) = await TopicAsync();
        var source = Heartbeat(
            topic,
            new()
            {
                ["text"] = "hi",
                ["intervalMs"] = 10,
                ["failAfter"] = 3,
            }
        );
        await MakeAsync(source);
        var failing = await StatusAsync(source, status => status.IsFailing);
        Assert.Equal("asked to fail after 3 messages", ExceptionWords.Of(failing.Instances.Single().Exception));
        await Ports.Connectors.DeleteAsync(source.Address, Stop).Ok();
    }

    [Fact]
    public async Task A_sink_hands_on_what_its_subscription_holds()
    {
        var (_, _, topic) = await TopicAsync();
        await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("out").Value, true, Stop).Ok();
        var source = Heartbeat(topic, new() { ["text"] = "number", ["intervalMs"] = 50 });
        await MakeAsync(source);
        await StatusAsync(source, status => status.Instances is [{ Delivered: > 1 }]);

        await using var target = PostTarget.Start();
        var sink = new WantedConnector(
            source.Address with
            {
                Name = "hook",
                Kind = ConnectorKind.Sink,
            },
            "http-post",
            [topic.Address],
            "out",
            Guarantee.AtLeastOnce,
            1,
            new() { ["url"] = target.Url, ["authorization"] = "Bearer abc" }
        );
        await MakeAsync(sink);
        await Eventually.TrueAsync(() => Task.FromResult(target.Bodies.Contains("number 1")), "the first message arrives");
        Assert.All(target.Authorizations, one => Assert.Equal("Bearer abc", one));
        await Ports.Connectors.DeleteAsync(sink.Address, Stop).Ok();
        await Ports.Connectors.DeleteAsync(source.Address, Stop).Ok();
    }

    [Fact]
    public async Task A_sink_with_an_address_that_is_none_says_so()
    {
        var (_, _, topic) = await TopicAsync();
        await Ports.Admin.CreateSubscriptionAsync(topic, SubscriptionName.Create("out").Value, true, Stop).Ok();
        var source = Heartbeat(topic, new() { ["text"] = "number", ["intervalMs"] = 50 });
        await MakeAsync(source);
        var sink = new WantedConnector(
            source.Address with
            {
                Name = "hook",
                Kind = ConnectorKind.Sink,
            },
            "http-post",
            [topic.Address],
            "out",
            Guarantee.AtLeastOnce,
            1,
            new() { ["url"] = "nowhere" }
        );
        await MakeAsync(sink);
        var failing = await StatusAsync(sink, status => status.Instances is [{ Exception: not null }]);
        Assert.Equal("URI with undefined scheme", ExceptionWords.Of(failing.Instances.Single().Exception));
        await Ports.Connectors.DeleteAsync(sink.Address, Stop).Ok();
        await Ports.Connectors.DeleteAsync(source.Address, Stop).Ok();
    }

    [Fact]
    public async Task What_the_cluster_refuses_is_said()
    {
        var (_, _, topic) = await TopicAsync();
        var problem = await Ports
            .Connectors.EnsureAsync(Heartbeat(topic, new() { ["text"] = "hi", ["intervalMs"] = "often" }), Stop)
            .Refused("connector-refused");
        Assert.Contains("often", problem.Message, StringComparison.Ordinal);
        await Ports.Connectors.EnsureAsync(Heartbeat(topic, []) with { Type = "nothing-of-the-kind" }, Stop).Refused("connector-refused");
    }

    private static WantedConnector Heartbeat(Topic topic, JsonObject configuration) =>
        new(
            new(PulsarPorts.ClusterName, topic.TenantName, topic.NamespaceName, "beats", ConnectorKind.Source),
            "heartbeat",
            [topic.Address],
            null,
            Guarantee.AtLeastOnce,
            1,
            configuration
        );

    private async Task<(Tenant Tenant, Namespace Namespace, Topic Topic)> TopicAsync()
    {
        var (tenant, @namespace) = await NamespaceAsync();
        var topic = Given.Topic(@namespace, "pulse");
        await Ports.Admin.EnsureTopicAsync(topic, Stop).Ok();
        return (tenant, @namespace, topic);
    }

    /// <summary>The status once it is so: a worker takes its time.</summary>
    /// <summary>A functions worker that has just begun asks for patience, on a busy machine for much of it.</summary>
    private async Task MakeAsync(WantedConnector wanted)
    {
        for (var tries = 0; ; tries++)
        {
            var made = await Ports.Connectors.EnsureAsync(wanted, Stop);
            if (made.Problem?.Code != "connectors-starting" || tries == 240)
            {
                await Task.FromResult(made).Ok();
                return;
            }
            await Task.Delay(500, Stop);
        }
    }

    private async Task<ConnectorStatus> StatusAsync(WantedConnector connector, Func<ConnectorStatus, bool> isSo)
    {
        ConnectorStatus? last = null;
        await Eventually.TrueAsync(
            async () => isSo(last = await Ports.Connectors.StatusAsync(connector.Address, Stop).Ok()),
            () => $"the status comes: {last} {string.Join(' ', last?.Instances ?? [])}"
        );
        return last!;
    }
}

/// <summary>A web hook: takes what is posted to it.</summary>
public sealed class PostTarget : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly Task _serving;

    private PostTarget(HttpListener listener, string url)
    {
        (_listener, Url) = (listener, url);
        _serving = Task.Run(ServeAsync);
    }

    public string Url { get; }

    public System.Collections.Concurrent.ConcurrentQueue<string> Bodies { get; } = [];

    public System.Collections.Concurrent.ConcurrentQueue<string?> Authorizations { get; } = [];

    public static PostTarget Start()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        free.Stop();
        var listener = new HttpListener { Prefixes = { url } };
        listener.Start();
        return new(listener, url);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                Authorizations.Enqueue(context.Request.Headers["Authorization"]);
                Bodies.Enqueue(await reader.ReadToEndAsync());
                context.Response.StatusCode = 204;
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or IOException)
            {
                // The test is over, or who posted went away.
            }
        }
    }
}
