using System.Globalization;
using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Gateway;

/// <summary>The parameters that go on to the broker, and the dead letter policy among them.</summary>
/// <param name="Passed">Each name once, without the dead letter topic.</param>
/// <param name="DeadLetterTopic">Where a consumer's dead letters go: as the client wrote it, or the name that Pulsar makes up. Null without
/// such a policy.</param>
public sealed record CheckedParameters(IReadOnlyList<KeyValuePair<string, string>> Passed, string? DeadLetterTopic)
{
    /// <summary>The query for the broker. The dead letter topic is always named, so that the broker makes none up.</summary>
    public string Query =>
        string.Join(
            '&',
            Passed
                .Concat(DeadLetterTopic is { } topic ? [new(GatewayParameters.DeadLetterTopic, topic)] : [])
                .Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}")
        );
}

/// <summary>
/// Which parameters of Pulsar's WebSocket API are let through, and with which values: those of 4.0 and 4.2. The broker's
/// WebSocket service carries them out with its own rights, which are a superuser's, so one that is not listed here is
/// refused rather than passed on. Pure.
/// </summary>
public static class GatewayParameters
{
    /// <summary>Holds the client's token; taken out before anything else.</summary>
    public const string Token = "token";

    internal const string DeadLetterTopic = "deadLetterTopic";
    private const string MaxRedeliverCount = "maxRedeliverCount";

    /// <summary>How the names begin that Portal's own readers and producers carry.</summary>
    private const string OwnPrefix = "portal-";

    private const int LongestName = 200;

    private static readonly Rule Flag = new("true or false", text => text is "true" or "false" or "True" or "False");
    private static readonly Rule Name = new(
        $"a name of 1 to {LongestName} characters without control characters",
        text => text.Length is > 0 and <= LongestName && !text.Any(char.IsControl)
    );
    private static readonly Rule CryptoFailure = OneOf("FAIL", "DISCARD", "CONSUME");
    private static readonly Rule QueueSize = Number(0, int.MaxValue);

    private static readonly Dictionary<string, Rule> OfProducer = new(StringComparer.Ordinal)
    {
        ["sendTimeoutMillis"] = Number(0, int.MaxValue),
        ["batchingEnabled"] = Flag,
        // These four bound what the broker holds in memory for one producer.
        ["batchingMaxMessages"] = Number(1, 10_000),
        ["maxPendingMessages"] = Number(0, 10_000),
        ["batchingMaxPublishDelay"] = Number(1, 60_000),
        ["messageRoutingMode"] = OneOf("SinglePartition", "RoundRobinPartition", "CustomPartition"),
        ["compressionType"] = OneOf("NONE", "LZ4", "ZLIB", "ZSTD", "SNAPPY"),
        ["producerName"] = Name,
        ["initialSequenceId"] = Number(-1, long.MaxValue),
        ["hashingScheme"] = OneOf("JavaStringHash", "Murmur3_32Hash"),
        // Names alone would ask for keys that the operator keeps for the broker's own encryption.
        ["encryptionKeys"] = new(
            "Base64 of a JSON object whose entries have a keyValue: messages are encrypted by the client",
            AreClientsKeys
        ),
    };

    private static readonly Dictionary<string, Rule> OfConsumer = new(StringComparer.Ordinal)
    {
        ["ackTimeoutMillis"] = new(
            "0 or a number from 1000 to 2147483647",
            text => text == "0" || Number(1000, int.MaxValue).Accepts(text)
        ),
        ["subscriptionType"] = OneOf("Exclusive", "Shared", "Failover", "Key_Shared"),
        ["subscriptionMode"] = OneOf("Durable", "NonDurable"),
        ["subscriptionInitialPosition"] = OneOf("Latest", "Earliest"),
        ["receiverQueueSize"] = QueueSize,
        ["consumerName"] = Name,
        ["priorityLevel"] = Number(0, int.MaxValue),
        [MaxRedeliverCount] = Number(1, int.MaxValue),
        // Where it may lie depends on the key: AdmitClient looks.
        [DeadLetterTopic] = Name with
        {
            Wanted = "the full name of a topic, such as persistent://tenant/namespace/topic",
            Accepts = text => text.Contains("://", StringComparison.Ordinal) && text.Length <= 500,
        },
        ["pullMode"] = Flag,
        ["negativeAckRedeliveryDelay"] = Number(0, int.MaxValue),
        ["cryptoFailureAction"] = CryptoFailure,
    };

    private static readonly Dictionary<string, Rule> OfReader = new(StringComparer.Ordinal)
    {
        ["readerName"] = Name,
        ["receiverQueueSize"] = QueueSize,
        ["messageId"] = new(
            "earliest, latest, or the ID of a message",
            text => text is "earliest" or "latest" || text.Length <= 200 && IsBase64(text)
        ),
        ["cryptoFailureAction"] = CryptoFailure,
    };

    /// <summary>Names of clients that Portal keeps for itself.</summary>
    internal static bool IsOwnName(string text) => text.StartsWith(OwnPrefix, StringComparison.OrdinalIgnoreCase);

    /// <param name="query">Decoded, in the client's order and letter case; the token is taken out.</param>
    public static Outcome<CheckedParameters> Check(GatewayAddress address, IReadOnlyList<KeyValuePair<string, string>> query)
    {
        var known = address.Kind switch
        {
            SessionKind.Producer => OfProducer,
            SessionKind.Consumer => OfConsumer,
            _ => OfReader,
        };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? deadLetters = null;
        var passed = new List<KeyValuePair<string, string>>(query.Count);
        foreach (var (name, value) in query)
        {
            if (!known.TryGetValue(name, out var rule))
                return GatewayProblems.UnknownParameter(name, address.Kind, known.Keys);
            if (!seen.Add(name))
                return GatewayProblems.Twice(name);
            // A + in a query is a blank to many clients' libraries, and Base64 knows no blanks.
            var meant = name is "messageId" or "encryptionKeys" ? value.Replace(' ', '+') : value;
            if (!rule.Accepts(meant))
                return GatewayProblems.WrongValue(name, rule.Wanted);
            if (name.EndsWith("Name", StringComparison.Ordinal) && IsOwnName(meant))
                return GatewayProblems.OwnName(name);
            if (name == DeadLetterTopic)
                deadLetters = meant;
            else
                passed.Add(new(name, meant));
        }
        if (!seen.Contains(MaxRedeliverCount))
            return deadLetters is null ? new CheckedParameters(passed, null) : GatewayProblems.DeadLettersWithoutCount;
        // The name that Pulsar makes up when none is given.
        return new CheckedParameters(passed, deadLetters ?? $"{address.TopicAddress}-{address.Subscription}-DLQ");
    }

    private static Rule OneOf(params string[] words) =>
        new(string.Join(", ", words[..^1]) + $" or {words[^1]}", text => words.Contains(text, StringComparer.Ordinal));

    private static Rule Number(long least, long most) =>
        new(
            string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"),
            // The parser passes over what Java's does not, such as a NUL behind the number.
            text =>
                text.All(letter => char.IsAsciiDigit(letter) || letter == '-')
                && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= least
                && number <= most
        );

    private static bool IsBase64(string text) =>
        text.Length > 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _) && !text.Any(char.IsWhiteSpace);

    private static bool AreClientsKeys(string text)
    {
        if (text.Length > 16 * 1024 || !IsBase64(text))
            return false;
        try
        {
            using var keys = ForeignJson.Parse(Convert.FromBase64String(text), new() { AllowDuplicateProperties = false });
            return keys.RootElement.ValueKind == JsonValueKind.Object
                && keys.RootElement.EnumerateObject().Any()
                && keys.RootElement.EnumerateObject()
                    .All(key =>
                        key.Value.ValueKind == JsonValueKind.Object
                        && key.Value.TryGetProperty("keyValue", out var value)
                        && value is { ValueKind: JsonValueKind.String }
                        && value.GetString() is { Length: > 0 }
                    );
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private sealed record Rule(string Wanted, Func<string, bool> Accepts);
}
