using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.PulsarAdmin;
using Portal.Adapters.PulsarMessages;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Desired;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.PulsarAdmin;

/// <summary>The adapters' ports, wired as the portal wires them, against one cluster.</summary>
public sealed class PulsarPorts : IDisposable
{
    public const string ClusterName = "test";

    private readonly ServiceProvider _services;

    /// <param name="clock">The system's unless given.</param>
    /// <param name="change">What is wired otherwise.</param>
    public PulsarPorts(ClusterRegistration registration, TimeProvider? clock = null, Action<IServiceCollection>? change = null)
    {
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(clock ?? TimeProvider.System)
            .AddPulsarAdmin([registration])
            .AddPulsarMessages();
        change?.Invoke(services);
        _services = services.BuildServiceProvider();
    }

    /// <summary>With clusters that a test changes while it runs.</summary>
    public PulsarPorts(IClusterAccess clusters) =>
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(clusters)
            .AddPulsarAdmin()
            .BuildServiceProvider();

    public TestedAdmin Admin => new(_services);
    public INamespaceState State => _services.GetRequiredService<INamespaceState>();
    public IMessageClient Messages => _services.GetRequiredService<IMessageClient>();
    public ISubscriptionAdmin Subscriptions => _services.GetRequiredService<ISubscriptionAdmin>();
    public ISubscriptionProgress Progress => _services.GetRequiredService<ISubscriptionProgress>();
    public IConnectorAdmin Connectors => _services.GetRequiredService<IConnectorAdmin>();
    public IFunctionPackages Packages => _services.GetRequiredService<IFunctionPackages>();
    public ISchemaAdmin Schemas => _services.GetRequiredService<ISchemaAdmin>();
    public ITopicEnds Ends => _services.GetRequiredService<ITopicEnds>();
    public ISubscriptionCursors Cursors => _services.GetRequiredService<ISubscriptionCursors>();
    public IMessageOrigins Origins => _services.GetRequiredService<IMessageOrigins>();
    public ITokenSigner Tokens => _services.GetRequiredService<ITokenSigner>();
    public IBrokerStatistics Statistics => _services.GetRequiredService<IBrokerStatistics>();
    public ITopicFigures Figures => _services.GetRequiredService<ITopicFigures>();
    public IClusterCatalog Catalog => _services.GetRequiredService<IClusterCatalog>();

    public static PulsarPorts To(PulsarEndpoint pulsar) => new(Registration(pulsar));

    public static ClusterRegistration Registration(PulsarEndpoint pulsar) =>
        new(ClusterName, pulsar.AdminUrls, null, pulsar.WebSocketUrl, pulsar.AdminToken, File.ReadAllBytes(pulsar.PrivateKeyFile));

    public void Dispose() => _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
}

/// <summary>Entities as the portal's database would hold them, under names that no other test uses.</summary>
public static class Given
{
    private static DateTimeOffset Now => TimeProvider.System.Now();

    private static Guid NewId => TimeProvider.System.NewUuid();

    public static Tenant Tenant(string? name = null) =>
        new(new(NewId), new(NewId), TenantName.Create(name ?? $"t-{Guid.NewGuid():N}").Value, PulsarPorts.ClusterName, Now);

    public static Namespace Namespace(Tenant tenant, string name = "default") =>
        new(new(NewId), tenant, NamespaceName.Create(name).Value, Now);

    public static Topic Topic(Namespace @namespace, string name = "orders", int partitions = 0, bool persistent = true) =>
        new(new(NewId), @namespace, TopicName.Create(name).Value, persistent, partitions, Now);

    /// <summary>The value, or a failed test that shows the problem.</summary>
    public static async Task<T> Ok<T>(this Task<Outcome<T>> outcome) =>
        await outcome is { IsOk: true } ok ? ok.Value : throw new Xunit.Sdk.XunitException($"{(await outcome).Problem}");

    /// <summary>The problem, which must have this code.</summary>
    public static async Task<Problem> Refused<T>(this Task<Outcome<T>> outcome, string code)
    {
        var problem = (await outcome).Problem;
        Assert.Equal(code, problem?.Code);
        return problem!;
    }
}
