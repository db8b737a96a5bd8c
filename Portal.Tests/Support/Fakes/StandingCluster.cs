using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Tests.Support.Fakes;

/// <summary>A cluster that does all it is told and shows the live figures that a test gives it.</summary>
public sealed class StandingCluster
    : IClusterHealth,
        ITenantAdmin,
        INamespaceAdmin,
        ITopicAdmin,
        IGrantAdmin,
        IConnectedClients,
        IClusterCatalog,
        IMessageClient,
        IMessageOrigins,
        IFinalReading
{
    private static readonly Task<Outcome<Done>> Fine = Task.FromResult(Outcome.Done);

    public static Cluster Local { get; } = new("local", null, new Uri("ws://127.0.0.1:5081"), true);

    /// <summary>What every live question answers.</summary>
    public Outcome<TopicStats> Live { get; set; } = new TopicStats(0, 0, 0, 0, 0, 0, 0, [], null);

    public List<Message> Held { get; } = [];

    /// <summary>What roles may use which topics.</summary>
    public HashSet<(string Topic, string Role)> Granted { get; } = [];

    /// <summary>What was granted last, taken away or not.</summary>
    public Dictionary<(string Topic, string Role), GrantedActions> Actions { get; } = [];

    public IReadOnlyList<Cluster> All => [Local];

    public Cluster? Find(string name) => name == Local.Name ? Local : null;

    /// <summary>What questions about one topic answer instead, by its name.</summary>
    public Dictionary<string, Outcome<TopicStats>> LiveOf { get; } = [];

    public Task<Outcome<TopicStats>> StatsAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        Task.FromResult(LiveOf.GetValueOrDefault(topic.Name, Live));

    /// <summary>The schema of every topic; null for none.</summary>
    public Outcome<TopicSchema?> Schema { get; set; } = Outcome.Of<TopicSchema?>(null);

    public Task<Outcome<TopicSchema?>> SchemaAsync(TopicAddress topic, CancellationToken cancellationToken) => Task.FromResult(Schema);

    /// <summary>Why a message is not taken; null while all are.</summary>
    public Problem? TakesNoMessage { get; set; }

    public Task<Outcome<string>> SendAsync(Namespace @namespace, Topic topic, NewMessage message, CancellationToken cancellationToken)
    {
        if (TakesNoMessage is { } problem)
            return Task.FromResult<Outcome<string>>(problem);
        Sent.Add((topic.Name, message));
        var id = SentAs ?? $"id-{Held.Count}";
        Held.Add(new(id, message.Key, message.Properties, message.Payload, DateTimeOffset.UnixEpoch, message.Payload.Length));
        return Task.FromResult<Outcome<string>>(id);
    }

    /// <summary>What was sent, with the name of its topic.</summary>
    public List<(string Topic, NewMessage Message)> Sent { get; } = [];

    /// <summary>The id of what is sent; null for the next number.</summary>
    public string? SentAs { get; set; }

    /// <summary>How reading ends; with a next page unless at the topic's end.</summary>
    public ReadEnd ReadsTo { get; set; } = ReadEnd.Topic;

    public Task<Outcome<MessagesRead>> ReadAsync(
        Namespace @namespace,
        Topic topic,
        ReadQuery query,
        int limit,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<Outcome<MessagesRead>>(
            new MessagesRead(
                [.. Held.Where(message => query.Filter?.Matches(message) != false).Take(limit)],
                ReadsTo == ReadEnd.Topic ? null : "further",
                ReadsTo,
                Held.Count,
                Held.Sum(message => (long)message.Size)
            )
        );

    /// <summary>Who follows topics, and what comes to them.</summary>
    public StandingFeeds Feeds { get; } = new();

    public Task<Outcome<IMessageFeed>> FollowAsync(Namespace @namespace, Topic topic, CancellationToken cancellationToken) =>
        Feeds.OpenAsync();

    /// <summary>Who sent every message.</summary>
    public Outcome<MessageOrigin?> Origin { get; set; } = Outcome.Of<MessageOrigin?>(null);

    Task<Outcome<MessageOrigin?>> IMessageOrigins.FindAsync(TopicAddress topic, MessagePlace place, CancellationToken cancellationToken) =>
        Task.FromResult(Origin);

    /// <summary>Takes <c>ledger:entry</c>, and with a third part the partition.</summary>
    public Outcome<MessagePlace> Locate(string messageId) =>
        messageId.Split(':').Select(part => int.TryParse(part, out var number) ? number : -1).ToArray() switch
        {
            [>= 0 and var ledger, >= 0 and var entry] => new MessagePlace(new(ledger, entry, -1), null),
            [>= 0 and var ledger, >= 0 and var entry, >= 0 and var partition] => new MessagePlace(new(ledger, entry, -1), partition),
            _ => new Problem.Invalid("message-id-unknown", "This isn't a message ID.", "messageId"),
        };

    public Task<Outcome<Done>> EnsureAsync(TenantAddress tenant, CancellationToken cancellationToken) => Fine;

    public Task<Outcome<Done>> DeleteAsync(TenantAddress tenant, CancellationToken cancellationToken) => Fine;

    public Task<Outcome<Done>> EnsureAsync(NamespaceAddress @namespace, CancellationToken cancellationToken) => Fine;

    public Task<Outcome<Done>> AdmitPortalAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken) => Fine;

    /// <summary>The policies that were set last, by namespace.</summary>
    public Dictionary<string, NamespacePolicies> Policies { get; } = [];

    /// <summary>What setting policies answers.</summary>
    public Outcome<Done> SetsPolicies { get; set; } = Outcome.Done;

    public Task<Outcome<Done>> SetPoliciesAsync(
        NamespaceAddress @namespace,
        NamespacePolicies policies,
        CancellationToken cancellationToken
    )
    {
        if (SetsPolicies.IsOk)
            Policies[@namespace.Path] = policies;
        return Task.FromResult(SetsPolicies);
    }

    public Task<Outcome<Done>> DeleteAsync(NamespaceAddress @namespace, CancellationToken cancellationToken) => Fine;

    public Task<Outcome<NamespacePolicies?>> ReadPoliciesAsync(NamespaceAddress @namespace, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Of<NamespacePolicies?>(null));

    public Task<Outcome<Done>> EnsureAsync(TopicAddress topic, CancellationToken cancellationToken) => Fine;

    public Task<Outcome<Done>> DeleteAsync(TopicAddress topic, bool force, CancellationToken cancellationToken) => Fine;

    /// <summary>Subscriptions that were made: <c>orders/billing from the earliest</c>.</summary>
    public List<string> Subscribed { get; } = [];

    /// <summary>What making one answers.</summary>
    public Outcome<Done> Subscribes { get; set; } = Outcome.Done;

    public Task<Outcome<Done>> CreateSubscriptionAsync(
        TopicAddress topic,
        SubscriptionName name,
        bool fromEarliest,
        CancellationToken cancellationToken
    )
    {
        if (Subscribes.IsOk)
            Subscribed.Add($"{topic.Name}/{name} from the {(fromEarliest ? "earliest" : "latest")}");
        return Task.FromResult(Subscribes);
    }

    public Task<Outcome<Done>> DeleteSubscriptionAsync(
        TopicAddress topic,
        SubscriptionName name,
        bool force,
        CancellationToken cancellationToken
    ) => Fine;

    public Task<Outcome<Done>> GrantAsync(TopicAddress topic, string role, GrantedActions actions, CancellationToken cancellationToken)
    {
        Granted.Add((topic.Name, role));
        Actions[(topic.Name, role)] = actions;
        return Fine;
    }

    public Task<Outcome<Done>> RevokeAsync(TopicAddress topic, string role, CancellationToken cancellationToken)
    {
        Granted.Remove((topic.Name, role));
        return Fine;
    }

    public Task<Outcome<Done>> GrantConsumeAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken) => Fine;

    public Task<Outcome<Done>> RevokeAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken) => Fine;

    /// <summary>Consumers that stay connected whatever is taken from their roles, until their topic is unloaded.</summary>
    public HashSet<(string Topic, string Role)> Stuck { get; } = [];

    public List<string> Unloaded { get; } = [];

    public Task<Outcome<int>> CountAsync(TopicAddress topic, string role, CancellationToken cancellationToken) =>
        Task.FromResult<Outcome<int>>(Stuck.Contains((topic.Name, role)) ? 1 : 0);

    public Task TakeAsync(Topic topic, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<Outcome<Done>> UnloadAsync(TopicAddress topic, CancellationToken cancellationToken)
    {
        Unloaded.Add(topic.Name);
        Stuck.RemoveWhere(one => one.Topic == topic.Name);
        return Fine;
    }

    /// <summary>What a check answers, and when.</summary>
    public Func<Task<Outcome<ClusterHealth>>> Check { get; set; } =
        () => Task.FromResult<Outcome<ClusterHealth>>(new ClusterHealth("4.0.7", "standing", [], TimeSpan.FromSeconds(1), []));

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
