using System.Text.Json;
using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>The small things in frames, as JSON.</summary>
internal static partial class KafkaPayload
{
    /// <summary>No sentence of ours is longer, whatever names a server put into it.</summary>
    private const int LongestMessage = 4_000;

    private static readonly JsonSerializerOptions Json = new() { IgnoreReadOnlyProperties = true };

    internal sealed record Hello(KafkaConnection Connection, bool Anywhere, long MemoryBytes);

    internal sealed record PartitionAt(string Topic, int Number, long Offset = 0)
    {
        public KafkaPartition Partition => new(Topic, Number);
    }

    internal sealed record CommitsSaid(string State, int Members, IReadOnlyList<PartitionAt> Offsets)
    {
        public static CommitsSaid Of(GroupCommits commits) =>
            new(
                commits.State,
                commits.Members,
                [.. commits.Offsets.Select(one => new PartitionAt(one.Key.Topic, one.Key.Number, one.Value))]
            );

        public GroupCommits ToCommits() =>
            new(State, Members, Offsets.ToDictionary(one => new KafkaPartition(one.Topic, one.Number), one => one.Offset));
    }

    internal sealed record CommitAsked(string Group, IReadOnlyList<PartitionAt> Offsets)
    {
        public static CommitAsked Of(string group, IReadOnlyDictionary<KafkaPartition, long> offsets) =>
            new(group, [.. offsets.Select(one => new PartitionAt(one.Key.Topic, one.Key.Number, one.Value))]);

        public IReadOnlyDictionary<KafkaPartition, long> ToOffsets() => Offsets.ToDictionary(one => one.Partition, one => one.Offset);
    }

    internal sealed record OffsetsSaid(long First, long End);

    private sealed record Said(string Kind, string Code, string Message, string? Field, double? RetryAfterSeconds);

    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Json);

    /// <exception cref="InvalidDataException">It is no such thing.</exception>
    public static T Read<T>(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, Json)
                ?? (default(T) is null && Nullable.GetUnderlyingType(typeof(T)) is not null ? default! : throw new InvalidDataException());
        }
        catch (Exception malformed) when (malformed is JsonException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException("A frame of a Kafka client holds something else than it should.", malformed);
        }
    }

    /// <summary>Null for what is no such thing.</summary>
    public static T? TryRead<T>(ReadOnlySpan<byte> bytes)
        where T : class
    {
        try
        {
            return Read<T>(bytes);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    public static byte[] Write(Problem problem) =>
        Write(
            problem switch
            {
                Problem.Invalid one => new Said("invalid", one.Code, one.Message, one.Field, null),
                Problem.NotFound => new Said("not-found", problem.Code, problem.Message, null, null),
                Problem.Forbidden => new Said("forbidden", problem.Code, problem.Message, null, null),
                Problem.Conflict one => new Said("conflict", one.Code, one.Message, one.Field, null),
                Problem.Unavailable one => new Said("unavailable", one.Code, one.Message, null, one.RetryAfter?.TotalSeconds),
                _ => throw new NotSupportedException($"A Kafka client has no problems of this kind: {problem.GetType().Name}"),
            }
        );

    /// <exception cref="InvalidDataException">It is no problem that a Kafka client may have.</exception>
    public static Problem ReadProblem(ReadOnlySpan<byte> bytes)
    {
        var said = Read<Said>(bytes);
        if (said is not { Code: { } code, Message: { } message } || !CodeForm().IsMatch(code))
            throw new InvalidDataException();
        if (message.Length > LongestMessage)
            message = message[..LongestMessage] + "…";
        return said.Kind switch
        {
            "invalid" => new Problem.Invalid(code, message, said.Field),
            "not-found" => new Problem.NotFound(code, message),
            "forbidden" => new Problem.Forbidden(code, message),
            "conflict" => new Problem.Conflict(code, message, said.Field),
            "unavailable" => new Problem.Unavailable(
                code,
                message,
                said.RetryAfterSeconds is > 0 and < 3600 and var seconds ? TimeSpan.FromSeconds(seconds) : null
            ),
            _ => throw new InvalidDataException(),
        };
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{1,59}\\z")]
    private static partial Regex CodeForm();
}
