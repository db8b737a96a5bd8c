using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Tests.Support.Fakes;

/// <summary>Subscriptions as a test gives them, which do what they are told and write down what that was.</summary>
public sealed class StandingSubscriptions : ISubscriptionAdmin
{
    /// <summary>Those that there are, by name.</summary>
    public Dictionary<string, SubscriptionDetail> There { get; } = [];

    /// <summary>What was asked for, in order, for example <c>skip billing 100</c>.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>What every action answers instead of doing it.</summary>
    public Problem? Trouble { get; set; }

    /// <summary>What looks answer once something was done.</summary>
    public Problem? BlindAfterwards { get; set; }

    /// <summary>What lies behind any time and any message.</summary>
    public Outcome<EntryCount> Behind { get; set; } = new EntryCount(0, 0);

    public Outcome<BacklogAnalysis> Analysis { get; set; } = new BacklogAnalysis(0, 0, null, true, null, null);

    /// <summary>An analysis goes on until this is set.</summary>
    public TaskCompletionSource? AnalysisGoesOn { get; set; }

    /// <summary>How many looks after an expiry still show the old backlog.</summary>
    public int SlowLooks { get; set; }

    private Action? _later;

    public static SubscriptionDetail Waiting(
        string name,
        long backlog,
        long bytes = 0,
        DateTimeOffset? oldest = null,
        bool durable = true,
        params PartitionBacklog[] partitions
    ) => new(new SubscriptionStats(name, null, 0, backlog, 0, 0, durable, bytes), oldest, partitions, []);

    /// <summary>What comes next, of every subscription.</summary>
    public List<Message> Next { get; } = [];

    public Task<Outcome<IReadOnlyList<Message>>> PeekAsync(
        TopicAddress topic,
        SubscriptionName name,
        int? partition,
        int entries,
        CancellationToken cancellationToken
    )
    {
        Asked.Add($"peek {name.Value} {entries}{(partition is { } number ? $" in {number}" : "")}");
        return Task.FromResult(
            Trouble is { } trouble
                ? Outcome.Refused<IReadOnlyList<Message>>(trouble)
                : Outcome.Of<IReadOnlyList<Message>>([.. Next.Take(entries)])
        );
    }

    public Task<Outcome<SubscriptionDetail>> LookAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken)
    {
        if (BlindAfterwards is { } blind && Asked.Count > 0)
            return Task.FromResult<Outcome<SubscriptionDetail>>(blind);
        if (_later is { } later && SlowLooks-- <= 0)
        {
            _later = null;
            later();
        }
        return Task.FromResult<Outcome<SubscriptionDetail>>(
            There.TryGetValue(name.Value, out var one)
                ? one
                : new Problem.NotFound("subscription-not-found", "There is no such subscription.")
        );
    }

    public Task<Outcome<EntryCount>> CountSinceAsync(TopicAddress topic, DateTimeOffset since, CancellationToken cancellationToken) =>
        Task.FromResult(Behind);

    public Task<Outcome<EntryCount>> CountFromAsync(TopicAddress topic, MessagePlace message, CancellationToken cancellationToken) =>
        Task.FromResult(Behind);

    public Task<Outcome<Done>> SkipAsync(
        TopicAddress topic,
        SubscriptionName name,
        int? partition,
        long entries,
        CancellationToken cancellationToken
    ) =>
        DoAsync(
            $"skip {name} {entries}{(partition is { } number ? $" in {number}" : "")}",
            () => Set(name, Math.Max(There[name.Value].Figures.Backlog - entries, 0))
        );

    public Task<Outcome<Done>> ClearAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken) =>
        DoAsync($"clear {name}", () => Set(name, 0));

    public Task<Outcome<Done>> RewindAsync(
        TopicAddress topic,
        SubscriptionName name,
        DateTimeOffset to,
        CancellationToken cancellationToken
    ) => DoAsync($"rewind {name} to {to.UtcDateTime:O}", () => Set(name, Behind.Value.Entries));

    public Task<Outcome<Done>> RewindAsync(
        TopicAddress topic,
        SubscriptionName name,
        MessagePlace to,
        CancellationToken cancellationToken
    ) =>
        DoAsync(
            $"rewind {name} to {to.Position.Ledger}:{to.Position.Entry}{(to.Partition is { } number ? $" in {number}" : "")}",
            () => Set(name, Behind.Value.Entries)
        );

    public Task<Outcome<Done>> RewindBehindAsync(
        TopicAddress topic,
        SubscriptionName name,
        MessagePlace last,
        CancellationToken cancellationToken
    ) =>
        DoAsync(
            $"rewind {name} behind {last.Position.Ledger}:{last.Position.Entry}{(last.Partition is { } number ? $" in {number}" : "")}",
            () => Set(name, 0)
        );

    public Task<Outcome<Done>> ExpireAsync(
        TopicAddress topic,
        SubscriptionName name,
        TimeSpan olderThan,
        CancellationToken cancellationToken
    ) => DoAsync($"expire {name} {olderThan.TotalSeconds:0}", () => _later = () => Set(name, Behind.Value.Entries));

    public async Task<Outcome<BacklogAnalysis>> AnalyzeAsync(TopicAddress topic, SubscriptionName name, CancellationToken cancellationToken)
    {
        Asked.Add($"analyze {name}");
        if (AnalysisGoesOn is { } goesOn)
            await goesOn.Task.WaitAsync(cancellationToken);
        return Analysis;
    }

    private Task<Outcome<Done>> DoAsync(string what, Action act)
    {
        Asked.Add(what);
        if (Trouble is not { } trouble)
            act();
        return Task.FromResult(Trouble is { } problem ? problem : Outcome.Done);
    }

    private void Set(SubscriptionName name, long backlog) =>
        There[name.Value] = There[name.Value] with
        {
            Figures = There[name.Value].Figures with { Backlog = backlog },
            OldestUnacknowledged = null,
        };
}
