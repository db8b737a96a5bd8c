using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>A topic of a copy as producers see it: whether records still come to it in Kafka, and who sends in Pulsar.</summary>
public sealed class MovedProducer
{
    private MovedProducer() { }

    public MovedProducer(KafkaMigration migration, string topic) =>
        (MigrationId, OrganizationId, Topic) = (migration.Id, migration.OrganizationId, topic);

    public MigrationId MigrationId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>In Kafka.</summary>
    public string Topic { get; private set; } = "";

    /// <summary>The sum of its end offsets.</summary>
    public long End { get; private set; }

    public DateTimeOffset FirstLookedAt { get; private set; }
    public DateTimeOffset LookedAt { get; private set; }

    /// <summary>When records were last seen to have come in Kafka; null when none did since the first look.</summary>
    public DateTimeOffset? GrewAt { get; private set; }

    /// <summary>Connected in Pulsar at the last look, without the portal's own.</summary>
    public int Producers { get; private set; }

    /// <summary>When a producer was first seen in Pulsar.</summary>
    public DateTimeOffset? ConnectedAt { get; private set; }

    public string? ConfirmedBy { get; private set; }
    public DateTimeOffset? ConfirmedAt { get; private set; }
    public string? ConfirmedNote { get; private set; }

    /// <param name="producers">Null when Pulsar could not be asked.</param>
    /// <param name="ownWrites">The portal itself copies back to the topic: that it grows tells nothing of its producers.</param>
    internal void Seen(long end, int? producers, DateTimeOffset at, bool ownWrites = false)
    {
        if (FirstLookedAt == default)
            FirstLookedAt = at;
        else if (end > End && !ownWrites)
            GrewAt = at;
        (End, LookedAt) = (end, at);
        if (producers is not { } connected)
            return;
        Producers = connected;
        if (connected > 0)
            ConnectedAt ??= at;
    }

    internal void Confirm(string by, string? note, DateTimeOffset at) => (ConfirmedBy, ConfirmedNote, ConfirmedAt) = (by, note, at);

    internal void TakeBackConfirmation() => (ConfirmedBy, ConfirmedNote, ConfirmedAt) = (null, null, null);
}

/// <summary>How a group's application stands, told from what was seen alone.</summary>
public enum GroupMove
{
    NotPrepared,
    Preparing,
    Failed,
    Prepared,
    Switching,
    Moved,
    Confirmed,
}

/// <summary>How the producers of a topic stand.</summary>
public enum ProducerMove
{
    NotSeen,
    Writing,
    Settling,
    Quiet,
    Moved,
    Confirmed,
}

/// <summary>Reads the state of applications off what was seen of them: pure, by the clock that it is given.</summary>
public static class MoveChecks
{
    /// <summary>A Kafka topic that nothing came to for so long has no producers any more.</summary>
    public static TimeSpan QuietAfter { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Its members are gone, and its commits rest.</summary>
    public static bool HasLeftKafka(MovedGroup group, DateTimeOffset now) =>
        group is { LookedAt: not null, Members: 0 } && (group.CommittedAt is not { } moved || now - moved >= QuietAfter);

    public static GroupMove Of(MovedGroup? group, DateTimeOffset now) =>
        group switch
        {
            null or { State: GroupSubscription.None, ConfirmedAt: null } => GroupMove.NotPrepared,
            { ConfirmedAt: not null } => GroupMove.Confirmed,
            { AcknowledgedAt: not null } when HasLeftKafka(group, now) => GroupMove.Moved,
            { IsTheirs: true } => GroupMove.Switching,
            { State: GroupSubscription.Failed } => GroupMove.Failed,
            { State: GroupSubscription.Wanted } => GroupMove.Preparing,
            { State: GroupSubscription.Taken } => GroupMove.Switching,
            _ => GroupMove.Prepared,
        };

    public static ProducerMove Of(MovedProducer? producer, DateTimeOffset now) =>
        producer switch
        {
            null => ProducerMove.NotSeen,
            { ConfirmedAt: not null } => ProducerMove.Confirmed,
            { GrewAt: { } grew } when now - grew < QuietAfter => ProducerMove.Writing,
            _ when producer.LookedAt - producer.FirstLookedAt < QuietAfter => ProducerMove.Settling,
            { ConnectedAt: not null } => ProducerMove.Moved,
            _ => ProducerMove.Quiet,
        };

    public static bool IsGreen(GroupMove state) => state is GroupMove.Moved or GroupMove.Confirmed;

    public static bool IsGreen(ProducerMove state) => state is ProducerMove.Quiet or ProducerMove.Moved or ProducerMove.Confirmed;
}
