using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>Rates of one partition, or of one topic without partitions. Null means no limit; one of the two is set.</summary>
public sealed record RateLimit(int? MessagesPerSecond, long? BytesPerSecond)
{
    /// <summary>For people: <c>100 msg/s</c>, <c>1 MiB/s</c>, or both.</summary>
    public string Text() =>
        string.Join(
            ", ",
            new[]
            {
                MessagesPerSecond is { } messages ? LimitKind.MessagesPerSecond.Words(messages) : null,
                BytesPerSecond is { } bytes ? LimitKind.BytesPerSecond.Words(bytes) : null,
            }.Where(part => part is not null)
        );
}

/// <summary>What a plan allows, or with an organization's own limits, what the organization may. Null means no limit.</summary>
public sealed class PlanLimits : IEquatable<PlanLimits>
{
    private readonly Dictionary<LimitKind, long?> _values;

    /// <param name="values">A kind that is absent has no limit.</param>
    public PlanLimits(IReadOnlyDictionary<LimitKind, long?> values) =>
        _values = LimitKinds.All.ToDictionary(kind => kind, kind => values.GetValueOrDefault(kind));

    public long? this[LimitKind kind] => _values[kind];

    public int? Tenants => Count(LimitKind.Tenants);
    public int? NamespacesPerTenant => Count(LimitKind.NamespacesPerTenant);
    public int? TopicsPerNamespace => Count(LimitKind.TopicsPerNamespace);
    public int? PartitionsPerTopic => Count(LimitKind.PartitionsPerTopic);
    public int? ProducersPerTopic => Count(LimitKind.ProducersPerTopic);
    public int? ConsumersPerTopic => Count(LimitKind.ConsumersPerTopic);
    public int? SubscriptionsPerTopic => Count(LimitKind.SubscriptionsPerTopic);
    public int? Connectors => Count(LimitKind.Connectors);

    /// <summary>Open at once, by all keys of the organization together.</summary>
    public int? WebSocketSessions => Count(LimitKind.WebSocketSessions);

    /// <summary>One message as a WebSocket client sends it: JSON with the payload in Base64.</summary>
    public long? WebSocketMessageBytes => this[LimitKind.WebSocketMessageBytes];

    public TimeSpan? RetentionAtMost => this[LimitKind.RetentionMinutes] is { } minutes ? TimeSpan.FromMinutes(minutes) : null;
    public long? RetentionBytes => this[LimitKind.RetentionBytes];
    public long? BacklogQuotaBytes => this[LimitKind.BacklogQuotaBytes];

    /// <summary>Null when neither rate is limited.</summary>
    public RateLimit? RatePerPartition =>
        (Count(LimitKind.MessagesPerSecond), this[LimitKind.BytesPerSecond]) is var (messages, bytes) && (messages ?? bytes) is not null
            ? new(messages, bytes)
            : null;

    public PlanLimits With(LimitKind kind, long? value) => new(new Dictionary<LimitKind, long?>(_values) { [kind] = value });

    /// <summary>By name, as scripts read it.</summary>
    public IReadOnlyDictionary<string, long?> ByName() => LimitKinds.All.ToDictionary(kind => kind.Text(), kind => this[kind]);

    internal string ToJson() => LimitsJson.Write(_values);

    internal static PlanLimits Read(string json)
    {
        var values = LimitsJson.Read(json);
        // A version that was published before there were any allows none, not any number.
        values.TryAdd(LimitKind.FunctionPackages, 0);
        return new(values);
    }

    public bool Equals(PlanLimits? other) => other is not null && LimitKinds.All.All(kind => this[kind] == other[kind]);

    public override bool Equals(object? obj) => Equals(obj as PlanLimits);

    public override int GetHashCode() => LimitKinds.All.Aggregate(0, (hash, kind) => HashCode.Combine(hash, this[kind]));

    private int? Count(LimitKind kind) => (int?)this[kind];
}

/// <summary>Limits that an organization has of its own, laid over those of its plan. They stay through every change of plan.</summary>
public sealed class OwnLimits
{
    /// <param name="values">A kind that is absent is as the plan has it; one that is null has no limit.</param>
    public OwnLimits(IReadOnlyDictionary<LimitKind, long?> values) => Values = values;

    public static OwnLimits None { get; } = new(new Dictionary<LimitKind, long?>());

    public IReadOnlyDictionary<LimitKind, long?> Values { get; }

    public bool Holds(LimitKind kind) => Values.ContainsKey(kind);

    public PlanLimits Over(PlanLimits plan) =>
        new(LimitKinds.All.ToDictionary(kind => kind, kind => Values.TryGetValue(kind, out var own) ? own : plan[kind]));

    /// <summary>By name, as scripts read it.</summary>
    public IReadOnlyDictionary<string, long?> ByName() =>
        LimitKinds.All.Where(Holds).ToDictionary(kind => kind.Text(), kind => Values[kind]);

    internal string ToJson() => LimitsJson.Write(Values);

    internal static OwnLimits Read(string json) => new(LimitsJson.Read(json));
}

/// <summary>How limits are kept: by name, a number or null for no limit.</summary>
internal static class LimitsJson
{
    internal static string Write(IReadOnlyDictionary<LimitKind, long?> values) =>
        JsonSerializer.Serialize(LimitKinds.All.Where(values.ContainsKey).ToDictionary(kind => kind.Text(), kind => values[kind]));

    /// <summary>A name that only a newer version knows is left out.</summary>
    internal static Dictionary<LimitKind, long?> Read(string json) =>
        JsonSerializer
            .Deserialize<Dictionary<string, long?>>(json)!
            .Where(pair => LimitKinds.Parse(pair.Key) is not null)
            .ToDictionary(pair => LimitKinds.Parse(pair.Key)!.Value, pair => pair.Value);
}

/// <summary>What can be a limit, and which limits agree with each other.</summary>
internal static class LimitRules
{
    public const int LongestNote = 300;

    /// <param name="complete">Each limit must be there: one that was forgotten would be none.</param>
    public static Outcome<IReadOnlyDictionary<LimitKind, long?>> Parse(IReadOnlyDictionary<string, long?>? given, bool complete)
    {
        if (given is null)
            return new Problem.Invalid("limits-missing", "Send the limits by name: a whole number, or null for no limit.", "limits");
        var parsed = new Dictionary<LimitKind, long?>();
        foreach (var (name, value) in given)
        {
            if (LimitKinds.Parse(name) is not { } kind)
                return new Problem.Invalid(
                    "limit-unknown",
                    $"There is no limit of that name. The limits are {string.Join(", ", LimitKinds.All.Select(one => one.Text()))}.",
                    "limits"
                );
            var (least, most) = kind.Bounds();
            if (value < least || value > most)
                return new Problem.Invalid(
                    "limit-out-of-range",
                    $"{kind.Title()} must be between {kind.Words(least)} and {kind.Words(most)}, or have no limit.",
                    kind.Text()
                );
            parsed[kind] = value;
        }
        return complete && LimitKinds.All.FirstOrDefault(kind => !parsed.ContainsKey(kind), (LimitKind)(-1)) is var missing && missing >= 0
            ? new Problem.Invalid("limit-missing", $"{missing.Title()} is missing. Send a number, or null for no limit.", missing.Text())
            : Outcome.Of<IReadOnlyDictionary<LimitKind, long?>>(parsed);
    }

    /// <summary>Pulsar refuses a retention that does not exceed the backlog quota.</summary>
    public static Problem.Invalid? Contradiction(PlanLimits limits) =>
        limits.RetentionBytes <= limits.BacklogQuotaBytes
            ? new(
                "backlog-over-retention",
                $"The backlog quota of {ByteSize.Text(limits.BacklogQuotaBytes!.Value)} must be smaller than the retention size "
                    + $"of {ByteSize.Text(limits.RetentionBytes!.Value)}.",
                LimitKind.BacklogQuotaBytes.Text()
            )
            : null;

    /// <summary>Why it was changed, for whoever looks later.</summary>
    public static Outcome<string> Note(string? text) =>
        text?.Trim() is { Length: > 0 and <= LongestNote } note && !note.Any(char.IsControl)
            ? note
            : new Problem.Invalid("note-length", $"Say why in a note of 1 to {LongestNote} characters in one line.", "note");
}
