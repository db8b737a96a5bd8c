using System.Buffers;
using System.Text.Json;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Reads <c>{namespace: {bundle: {"persistent": {topic: {…}}, "non-persistent": {…}}}}</c> piece by piece: the document of a
/// broker with a hundred thousand topics is never in memory as a whole. Unknown fields at any level are passed over.
/// </summary>
internal sealed class BrokerStatsParser : IStatsParser<TopicCounters>
{
    private const int DomainDepth = 3;
    private const int TopicDepth = 4;
    private const int FieldDepth = 5;

    // A counter that is not there cannot be known to be 0: it stays inexplicable. Non-persistent topics have no storage.
    private static readonly TopicCounters Unknown = new("", -1, -1, -1, -1, 0);

    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 64 });
    private TopicCounters _row = Unknown;
    private Field _field;
    private bool _isTopics;
    private bool _began;

    private enum Field
    {
        Other,
        MessagesIn,
        BytesIn,
        MessagesOut,
        BytesOut,
        Storage,
    }

    public bool IsComplete { get; private set; }

    public SequencePosition Parse(in ReadOnlySequence<byte> bytes, bool isLast, List<TopicCounters> rows)
    {
        var reader = new Utf8JsonReader(bytes, isLast, _state);
        while (reader.Read())
        {
            if (!_began && reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("Broker statistics are an object.");
            _began = true;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    Name(ref reader);
                    break;
                case JsonTokenType.Number when reader.CurrentDepth == FieldDepth && _row.Partition.Length > 0:
                    Number(ref reader);
                    break;
                case JsonTokenType.EndObject when reader.CurrentDepth == TopicDepth && _row.Partition.Length > 0:
                    rows.Add(_row);
                    _row = Unknown;
                    break;
                case JsonTokenType.EndObject when reader.CurrentDepth == 0:
                    IsComplete = true;
                    break;
            }
        }
        _state = reader.CurrentState;
        return reader.Position;
    }

    private void Name(ref Utf8JsonReader reader)
    {
        switch (reader.CurrentDepth)
        {
            case DomainDepth:
                // Later releases may add other domains beside these two.
                _isTopics = reader.ValueTextEquals("persistent"u8) || reader.ValueTextEquals("non-persistent"u8);
                break;
            case TopicDepth:
                _row = _isTopics ? Unknown with { Partition = reader.GetString()! } : Unknown;
                break;
            case FieldDepth:
                _field =
                    reader.ValueTextEquals("msgInCount"u8) ? Field.MessagesIn
                    : reader.ValueTextEquals("bytesInCount"u8) ? Field.BytesIn
                    : reader.ValueTextEquals("msgOutCount"u8) ? Field.MessagesOut
                    : reader.ValueTextEquals("bytesOutCount"u8) ? Field.BytesOut
                    : reader.ValueTextEquals("storageSize"u8) ? Field.Storage
                    : Field.Other;
                break;
        }
    }

    private void Number(ref Utf8JsonReader reader)
    {
        if (_field == Field.Other)
            return;
        // Whole numbers, exact; anything else cannot be a count.
        var value = reader.TryGetInt64(out var whole) ? whole : -1;
        _row = _field switch
        {
            Field.MessagesIn => _row with { MessagesIn = value },
            Field.BytesIn => _row with { BytesIn = value },
            Field.MessagesOut => _row with { MessagesOut = value },
            Field.BytesOut => _row with { BytesOut = value },
            _ => _row with { StorageBytes = value },
        };
        _field = Field.Other;
    }
}
