using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Tests.Support.Fakes;

/// <summary>A cluster that does all it is told and shows the live figures that a test gives it.</summary>
public sealed class StandingCluster : IClusterAdmin, IConnectedClients, IClusterCatalog, IMessageClient, IFinalReading
{
    private static readonly Task<Outcome<Done>> Fine = Task.FromResult(Outcome.Done);

    public static Cluster Local { get; } = new("local", null, new Uri("ws://127.0.0.1:5081"), true);

    /// <summary>What every live question answers.</summary>
    public Outcome<TopicStats> Live { get; set; } = new TopicStats(0, 0, 0, 0, 0, 0, 0, [], null);

    public List<Message> Held { get; } = [];

    /// <summary>What roles may use which topics.</summary>
    public HashSet<(string Topic, string Role)> Granted { get; } = [];

    public IReadOnlyList<Cluster> All => [Local];

    public Cluster? Find(string name) => name == Local.Name ? Local : null;

    /// <summary>What questions about one topic answer instead, by its name.</summary>
    public Dictionary<string, Outcome<TopicStats>> LiveOf { get; } = [];

    public Task<Outcome<TopicStats>> TopicStatsAsync(Topic topic, CancellationToken cancellationToken) => Task.FromResult(LiveOf.GetValueOrDefault(topic.Name, Live));

    public Task<Outcome<string>> SendAsync(Namespace @namespace, Topic topic, NewMessage message, CancellationToken cancellationToken)
    {
        Held.Add(new($"id-{Held.Count}", message.Key, message.Properties, message.Payload, DateTimeOffset.UnixEpoch, message.Payload.Length));
        return Task.FromResult<Outcome<string>>($"id-{Held.Count - 1}");
    }

    public Task<Outcome<PageOf<Message>>> ReadAsync(Namespace @namespace, Topic topic, string from, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<PageOf<Message>>>(new PageOf<Message>([.. Held.Take(limit)], null));

    public Task<Outcome<Done>> EnsureTenantAsync(Tenant tenant, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<Done>> DeleteTenantAsync(Tenant tenant, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<Done>> EnsureNamespaceAsync(Namespace @namespace, NamespacePolicies policies, Action afterCreation, CancellationToken cancellationToken) => Fine;
    /// <summary>The policies that were set last, by namespace.</summary>
    public Dictionary<string, NamespacePolicies> Policies { get; } = [];

    /// <summary>What setting policies answers.</summary>
    public Outcome<Done> SetsPolicies { get; set; } = Outcome.Done;

    public Task<Outcome<Done>> SetPoliciesAsync(Namespace @namespace, NamespacePolicies policies, CancellationToken cancellationToken)
    {
        if (SetsPolicies.IsOk) Policies[@namespace.Path] = policies;
        return Task.FromResult(SetsPolicies);
    }

    public Task<Outcome<Done>> DeleteNamespaceAsync(Namespace @namespace, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<NamespacePolicies?>> ReadPoliciesAsync(Namespace @namespace, CancellationToken cancellationToken) => Task.FromResult(Outcome.Of<NamespacePolicies?>(null));
    public Task<Outcome<Done>> EnsureTopicAsync(Topic topic, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<Done>> DeleteTopicAsync(Topic topic, bool force, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<Done>> CreateSubscriptionAsync(Topic topic, SubscriptionName name, bool fromEarliest, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<Done>> DeleteSubscriptionAsync(Topic topic, SubscriptionName name, bool force, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<Done>> GrantTopicAsync(Topic topic, string role, bool produce, bool consume, CancellationToken cancellationToken)
    {
        Granted.Add((topic.Name, role));
        return Fine;
    }

    public Task<Outcome<Done>> RevokeTopicAsync(Topic topic, string role, CancellationToken cancellationToken)
    {
        Granted.Remove((topic.Name, role));
        return Fine;
    }

    public Task<Outcome<Done>> GrantNamespaceAsync(Namespace @namespace, string role, bool produce, bool consume, CancellationToken cancellationToken) => Fine;
    public Task<Outcome<Done>> RevokeNamespaceAsync(Namespace @namespace, string role, CancellationToken cancellationToken) => Fine;

    /// <summary>Consumers that stay connected whatever is taken from their roles, until their topic is unloaded.</summary>
    public HashSet<(string Topic, string Role)> Stuck { get; } = [];

    public List<string> Unloaded { get; } = [];

    public Task<Outcome<int>> CountAsync(Topic topic, string role, CancellationToken cancellationToken) => Task.FromResult<Outcome<int>>(Stuck.Contains((topic.Name, role)) ? 1 : 0);

    public Task TakeAsync(Topic topic, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Outcome<Done>> UnloadTopicAsync(Topic topic, CancellationToken cancellationToken)
    {
        Unloaded.Add(topic.Name);
        Stuck.RemoveWhere(one => one.Topic == topic.Name);
        return Fine;
    }

    /// <summary>What a check answers, and when.</summary>
    public Func<Task<Outcome<ClusterHealth>>> Check { get; set; } = () => Task.FromResult<Outcome<ClusterHealth>>(new ClusterHealth("4.0.7", "standing", [], TimeSpan.FromSeconds(1), []));

    public Task<Outcome<ClusterHealth>> CheckAsync(string cluster, CancellationToken cancellationToken) => Check();

    public Task<Outcome<ClusterHealth>> CheckAsync(ClusterRegistration candidate, CancellationToken cancellationToken)
    {
        Candidates.Add(candidate);
        return Check();
    }

    /// <summary>What was checked without being registered like that.</summary>
    public List<ClusterRegistration> Candidates { get; } = [];

    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
