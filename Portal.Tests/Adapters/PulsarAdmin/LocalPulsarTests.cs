using LocalPulsar;
using Portal.Domain.Connectors;
using Portal.Tests.Adapters.PulsarAdmin;
using Portal.Tests.Support.RealServers;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedLocalPulsar))]

namespace Portal.Tests.Adapters.PulsarAdmin;

// The contracts against the stand-in: where it differs from a real Pulsar, it is wrong.

public sealed class ClusterAdminOnLocalPulsarTests(SharedLocalPulsar local) : ClusterAdminContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class GrantsOnLocalPulsarTests(SharedLocalPulsar local) : PulsarGrantsContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class MessagesOnLocalPulsarTests(SharedLocalPulsar local) : MessageClientContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class ReadingOnLocalPulsarTests(SharedLocalPulsar local) : ReadingContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class FollowingOnLocalPulsarTests(SharedLocalPulsar local) : FollowingContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class DeadLettersOnLocalPulsarTests(SharedLocalPulsar local) : DeadLettersContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class SubscriptionsOnLocalPulsarTests(SharedLocalPulsar local) : SubscriptionsContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class ProgressOnLocalPulsarTests(SharedLocalPulsar local) : ProgressContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class ConnectorsOnLocalPulsarTests(SharedLocalPulsar local) : ConnectorsContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class FunctionsOnLocalPulsarTests(SharedLocalPulsar local) : FunctionsContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class PackagesOnLocalPulsarTests(SharedLocalPulsar local) : PackagesContract
{
    protected override RuntimeFinding Finding => RuntimeFinding.Unknown;

    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class SchemasOnLocalPulsarTests(SharedLocalPulsar local) : SchemasContract
{
    protected override bool HasProducersWithSchemas => false;

    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class StatisticsOnLocalPulsarTests(SharedLocalPulsar local) : BrokerStatisticsContract
{
    protected override bool HasMetrics => false;

    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

public sealed class NamespaceStateOnLocalPulsarTests(SharedLocalPulsar local) : NamespaceStateContract
{
    protected override Task<PulsarEndpoint> StartAsync() => local.EndpointAsync();
}

/// <summary>One LocalPulsar for the run, in a folder of its own.</summary>
public sealed class SharedLocalPulsar : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("local-pulsar").FullName;
    private readonly Lazy<Task<LocalPulsarServer>> _server;

    public SharedLocalPulsar() =>
        _server = new(() =>
            LocalPulsarServer.StartAsync(
                new()
                {
                    DataFolder = _folder,
                    Port = 0,
                    Clock = TimeProvider.System,
                },
                CancellationToken.None
            )
        );

    public async Task<PulsarEndpoint> EndpointAsync()
    {
        var server = await _server.Value;
        return new([server.AdminUrl], server.WebSocketUrl, server.AdminToken, server.TokenPrivateKeyFile);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated)
            await (await _server.Value).DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
