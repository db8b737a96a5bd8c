using Portal.Domain.Connectors;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

// The contracts against both releases that the portal is made for.

[Trait("tier", "real")]
public sealed class ClusterAdminOnPulsar40Tests : ClusterAdminContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class ClusterAdminOnPulsar42Tests : ClusterAdminContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class GrantsOnPulsar40Tests : PulsarGrantsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class GrantsOnPulsar42Tests : PulsarGrantsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class MessagesOnPulsar40Tests : MessageClientContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class MessagesOnPulsar42Tests : MessageClientContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class DeadLettersOnPulsar40Tests : DeadLettersContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class DeadLettersOnPulsar42Tests : DeadLettersContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class ReadingOnPulsar40Tests : ReadingContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class ReadingOnPulsar42Tests : ReadingContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class NullValuesOnPulsar40Tests : NullValuesContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class NullValuesOnPulsar42Tests : NullValuesContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class FollowingOnPulsar40Tests : FollowingContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class FollowingOnPulsar42Tests : FollowingContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class SubscriptionsOnPulsar40Tests : SubscriptionsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class ProgressOnPulsar40Tests : ProgressContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class ConnectorsOnPulsar40Tests : ConnectorsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class SubscriptionsOnPulsar42Tests : SubscriptionsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class ProgressOnPulsar42Tests : ProgressContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class ConnectorsOnPulsar42Tests : ConnectorsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class FunctionsOnPulsar40Tests : FunctionsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class PackagesOnPulsar40Tests : PackagesContract
{
    protected override RuntimeFinding Finding => RuntimeFinding.Threads;

    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class PackagesOnPulsar42Tests : PackagesContract
{
    protected override RuntimeFinding Finding => RuntimeFinding.Threads;

    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class SchemasOnPulsar40Tests : SchemasContract
{
    protected override bool HasProducersWithSchemas => false;

    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class FunctionsOnPulsar42Tests : FunctionsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class SchemasOnPulsar42Tests : SchemasContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class StatisticsOnPulsar40Tests : BrokerStatisticsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class StatisticsOnPulsar42Tests : BrokerStatisticsContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}

[Trait("tier", "real")]
public sealed class NamespaceStateOnPulsar40Tests : NamespaceStateContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.0.7"));
}

[Trait("tier", "real")]
public sealed class NamespaceStateOnPulsar42Tests : NamespaceStateContract
{
    protected override async Task<PulsarEndpoint> StartAsync() => await PulsarServer.SharedAsync(new("4.2.4"));
}
