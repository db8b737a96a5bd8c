using Portal.Domain.Common;
using Portal.Domain.Topics;

namespace Portal.Tests.Support.Fakes;

/// <summary>Where topics end and subscriptions stand, as a test says.</summary>
public sealed class StandingCursors : ISubscriptionCursors, ITopicEnds
{
    /// <summary>Of every topic.</summary>
    public List<SubscriptionCursor> There { get; } = [];

    /// <summary>The last message of every topic; null for an empty one.</summary>
    public MessagePosition? Last { get; set; }

    public Task<Outcome<IReadOnlyList<SubscriptionCursor>>> ReadAsync(
        TopicAddress topic,
        int? partition,
        CancellationToken cancellationToken
    ) => Task.FromResult(Outcome.Of<IReadOnlyList<SubscriptionCursor>>([.. There]));

    public Task<Outcome<IReadOnlyList<MessagePosition?>>> LastAsync(TopicAddress topic, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Of<IReadOnlyList<MessagePosition?>>([Last]));

    public Task<Outcome<IReadOnlyList<MessagePosition?>>> SinceAsync(
        TopicAddress topic,
        int partitions,
        DateTimeOffset since,
        CancellationToken cancellationToken
    ) => Task.FromResult(Outcome.Of<IReadOnlyList<MessagePosition?>>([null]));

    public Task<Outcome<ReaderStanding?>> ReaderAsync(
        TopicAddress topic,
        int? partition,
        string reader,
        CancellationToken cancellationToken
    ) => Task.FromResult(Outcome.Of<ReaderStanding?>(null));

    public Task<Outcome<StoredEntry?>> NextAsync(
        TopicAddress topic,
        int? partition,
        MessagePosition? after,
        CancellationToken cancellationToken
    ) => Task.FromResult(Outcome.Of<StoredEntry?>(null));
}
