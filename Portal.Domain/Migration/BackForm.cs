using System.Globalization;
using System.Text;
using Portal.Domain.Topics;

namespace Portal.Domain.Migration;

/// <summary>
/// How a message that was written only to Pulsar lies in Kafka: pure. It carries the place that it came from, so that a repeat is
/// recognized.
/// </summary>
public static class BackForm
{
    /// <summary><c>ledger:entry:batch</c> of the message.</summary>
    public const string Header = "pulsar.message.id";

    public static BackRecord ToKafka(ReadRecord message)
    {
        var record = message.Record;
        byte[]? key =
            record.Key is not { } text ? null
            : record.KeyIsBinary ? Binary(text)
            : Encoding.UTF8.GetBytes(text);
        return new(
            key,
            record.Value,
            record.EventTime > 0 ? record.EventTime : message.PublishTime,
            [
                .. record.Properties.Select(property => new KafkaHeader(property.Key, Encoding.UTF8.GetBytes(property.Value))),
                Origin(message.Position),
            ],
            message.Position
        );
    }

    /// <summary>Where a record of Kafka came from; null for one that the portal did not bring back.</summary>
    public static MessagePosition? OriginOf(KafkaRecord record)
    {
        if (record.Headers.LastOrDefault(header => header.Name == Header) is not { Value: { } value })
            return null;
        return
            Encoding.UTF8.GetString(value).Split(':') is [var ledger, var entry, var batch]
            && long.TryParse(ledger, CultureInfo.InvariantCulture, out var at)
            && long.TryParse(entry, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(batch, CultureInfo.InvariantCulture, out var index)
            ? new MessagePosition(at, number, index)
            : null;
    }

    private static KafkaHeader Origin(MessagePosition at) =>
        new(Header, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{at.Ledger}:{at.Entry}:{at.BatchIndex}")));

    /// <summary>What a client marked as binary and is none stays as it is written.</summary>
    private static byte[] Binary(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            return Encoding.UTF8.GetBytes(text);
        }
    }
}
