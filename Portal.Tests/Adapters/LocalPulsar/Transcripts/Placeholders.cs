using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

/// <summary>
/// Names in place of what differs from run to run: instants, rates, ports, ledgers' numbers, generated names, stack
/// traces, and the words of the parser. Ledgers are numbered in the order in which they are seen. The transcript of one broker shares one
/// of these.
/// </summary>
internal sealed partial class Placeholders(string version)
{
    // Milliseconds since 1970 of any day since 2017; no counter of the scenario comes near.
    private const long Instants = 1_500_000_000_000;
    private static readonly string[] Rates =
    [
        "msgRate",
        "msgThroughput",
        "msgDropRate",
        "messageAckRate",
        "chunkedMessageRate",
        "averageMsgSize",
        "avgMessagesPerEntry",
    ];

    // Where a broker keeps policies: a topic of its own beside the customer's, which comes and goes with its readers.
    private const string PoliciesTopic = "/__change_events";
    private readonly List<long> _ledgers = [];

    /// <summary>How many ledgers have been seen.</summary>
    public int Ledgers => _ledgers.Count;

    /// <summary>Forgets the ledgers that an answer named which does not count.</summary>
    /// <param name="seen"><see cref="Ledgers"/> before that answer.</param>
    public void Forget(int seen) => _ledgers.RemoveRange(seen, _ledgers.Count - seen);

    /// <param name="node">Part of an answer.</param>
    /// <param name="field">The name under which it stands; empty for the whole.</param>
    public JsonNode? In(JsonNode? node, string field) =>
        node switch
        {
            JsonObject whole => new JsonObject(
                whole
                    .Where(pair => !pair.Key.EndsWith(PoliciesTopic, StringComparison.Ordinal))
                    .Select(pair => KeyValuePair.Create(Text(pair.Key, ""), In(pair.Value, pair.Key)))
            ),
            JsonArray items => new JsonArray([.. Ordered(items).Select(item => In(item, field))]),
            JsonValue value when value.TryGetValue<string>(out var text) => Text(text, field),
            JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => Number(value, field),
            _ => node?.DeepClone(),
        };

    // Lists of names have no order that a broker promises.
    private static IEnumerable<JsonNode?> Ordered(JsonArray items) =>
        items.All(item => item is JsonValue value && value.TryGetValue<string>(out _))
            ? items.OrderBy(item => (string)item!, StringComparer.Ordinal)
            : items;

    private JsonNode Number(JsonValue value, string field)
    {
        if (Rates.Any(rate => field.StartsWith(rate, StringComparison.Ordinal)))
            return "<rate>";
        if (field == "delayedMessageIndexSizeInBytes")
            return "<memory>";
        // Counted by the broker's own client, which all who came before on this server share.
        if (field == "producerId")
            return "<producer>";
        if (!value.TryGetValue<long>(out var number))
            return value.DeepClone();
        if (number >= Instants && number < long.MaxValue / 1000)
            return "<instant>";
        return field == "ledgerId" && number >= 0 ? Ledger(number) : number;
    }

    private string Text(string text, string field)
    {
        if (field == "messageId")
            return Id(text);
        if (text.Contains("[Source: REDACTED", StringComparison.Ordinal))
            return "<what the parser says>";
        if (Page().Match(text) is { Success: true } page)
            return $"<page of {page.Groups[2].Value}: "
                + $"{Request().Replace(Address().Replace(page.Groups[1].Value, "<address>"), "reqId:<number>")}>";
        if (field is "firstMessageId" or "lastMessageId" or "X-Pulsar-Message-ID" or "markDeletePosition" or "individuallyDeletedMessages")
            text = Position()
                .Replace(
                    text,
                    match => $"{Ledger(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))}:{match.Groups[2].Value}"
                );
        if (field == "consumerName")
            text = GeneratedName().Replace(text, "<generated name>");
        text = StackTrace().Replace(text, "Stacktrace: <stack trace>");
        text = Instant().Replace(text, "<instant>");
        text = Address().Replace(text, "<address>");
        text = Reader().Replace(text, "<reader>");
        text = Producer().Replace(text, "<generated name>");
        text = Request().Replace(text, "reqId:<number>");
        return text.Replace(version, "<version>", StringComparison.Ordinal);
    }

    private string Ledger(long number)
    {
        if (!_ledgers.Contains(number))
            _ledgers.Add(number);
        return $"<ledger {_ledgers.IndexOf(number) + 1}>";
    }

    // Base64 of a protobuf of integers: field by field, in the order in which they are written.
    private string Id(string text)
    {
        var bytes = Convert.FromBase64String(text);
        var said = new StringBuilder("<id");
        for (var at = 0; at < bytes.Length; )
        {
            var field = Varint(bytes, ref at) >> 3;
            var value = Varint(bytes, ref at);
            said.Append(CultureInfo.InvariantCulture, $" {Name(field)}={(field == 1 ? Ledger(value) : value)}");
        }
        return said.Append('>').ToString();
    }

    private static string Name(long field) =>
        field switch
        {
            1 => "ledger",
            2 => "entry",
            3 => "partition",
            4 => "batchIndex",
            6 => "batchSize",
            _ => $"{field}",
        };

    private static long Varint(byte[] bytes, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            value |= (long)(bytes[at] & 0x7f) << shift;
            if ((bytes[at++] & 0x80) == 0)
                return value;
        }
    }

    // The web server's own page: its sentence and the address that was asked for; the rest says who made the server.
    [GeneratedRegex(@"^<html>.*<title>(.*)</title>.*<tr><th>URI:</th><td>(.*?)</td>", RegexOptions.Singleline)]
    private static partial Regex Page();

    [GeneratedRegex(@"Stacktrace:.*", RegexOptions.Singleline)]
    private static partial Regex StackTrace();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Instant();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Address();

    [GeneratedRegex(@"^[0-9a-f]{5,10}$")]
    private static partial Regex GeneratedName();

    [GeneratedRegex(@"reader-[0-9a-f]{10}")]
    private static partial Regex Reader();

    [GeneratedRegex(@"standalone-\d+-\d+")]
    private static partial Regex Producer();

    [GeneratedRegex(@"(""|&quot;)reqId\1:\d+")]
    private static partial Regex Request();

    [GeneratedRegex(@"(\d+):(-?\d+)")]
    private static partial Regex Position();
}
