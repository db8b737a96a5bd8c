using System.Buffers;
using System.Text.Json;
using Portal.Domain.Clusters;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Reads <see cref="TopicFigures"/> from the document that <see cref="BrokerStatsParser"/> reads counters from, in the same way. The
/// portal's own producers and readers are left out, as everywhere (<see cref="LiveFigures"/>): here their names are all
/// there is to tell them by.
/// </summary>
internal sealed class TopicFiguresParser : IStatsParser<TopicFigures>
{
    private const int DomainDepth = 3;
    private const int TopicDepth = 4;
    private const int FieldDepth = 5;

    // Of a producer in the list of them.
    private const int PublisherDepth = 7;

    private const int SubscriptionDepth = 6;
    private const int SubscriptionFieldDepth = 7;
    private const int ConsumerDepth = 9;

    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 64 });
    private bool _isTopics;
    private bool _began;

    private string? _partition;
    private TopicFigures _row = new("", 0, []);
    private long _counted;
    private int _ownProducers;
    private List<SubscriptionFigures> _subscriptions = [];
    private Section _section;

    private string? _subscription;
    private SubscriptionFigures _figures = new("", 0, 0, 0, false);
    private int _ownReaders;
    private bool _isInConsumers;

    /// <summary>The name that the next value belongs to.</summary>
    private string _field = "";

    private enum Section
    {
        Other,
        Producers,
        Subscriptions,
    }

    public bool IsComplete { get; private set; }

    public SequencePosition Parse(in ReadOnlySequence<byte> bytes, bool isLast, List<TopicFigures> rows)
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
                case JsonTokenType.Number:
                    Number(ref reader);
                    break;
                case JsonTokenType.String:
                    Text(ref reader);
                    break;
                case JsonTokenType.True
                or JsonTokenType.False when IsOfSubscription(reader.CurrentDepth) && _field == "blockedSubscriptionOnUnackedMsgs":
                    _figures = _figures with { IsBlocked = reader.TokenType == JsonTokenType.True };
                    break;
                case JsonTokenType.StartObject
                    when _section == Section.Subscriptions && _isInConsumers && reader.CurrentDepth == ConsumerDepth - 1:
                    _figures = _figures with { Consumers = _figures.Consumers + 1 };
                    break;
                case JsonTokenType.EndObject:
                    End(ref reader, rows);
                    break;
            }
        }
        _state = reader.CurrentState;
        return reader.Position;
    }

    private bool IsOfSubscription(int depth) => _section == Section.Subscriptions && depth == SubscriptionFieldDepth && !_isInConsumers;

    private void Name(ref Utf8JsonReader reader)
    {
        var depth = reader.CurrentDepth;
        if (depth == DomainDepth)
            _isTopics = reader.ValueTextEquals("persistent"u8) || reader.ValueTextEquals("non-persistent"u8);
        if (!_isTopics || depth < TopicDepth)
            return;
        switch (depth)
        {
            case TopicDepth:
                _partition = reader.GetString()!;
                (_row, _counted, _ownProducers, _subscriptions, _section) = (new(_partition, 0, []), 0, 0, [], Section.Other);
                break;
            case FieldDepth:
                _field = reader.GetString()!;
                _section = _field switch
                {
                    "publishers" => Section.Producers,
                    "subscriptions" => Section.Subscriptions,
                    _ => Section.Other,
                };
                break;
            case SubscriptionDepth when _section == Section.Subscriptions:
                _subscription = reader.GetString()!;
                (_figures, _ownReaders, _isInConsumers) = (new(_subscription, 0, 0, 0, false), 0, false);
                break;
            case SubscriptionFieldDepth when _section == Section.Subscriptions:
                _field = reader.GetString()!;
                _isInConsumers = _field == "consumers";
                break;
            case PublisherDepth when _section == Section.Producers:
            case ConsumerDepth when _section == Section.Subscriptions && _isInConsumers:
                _field =
                    reader.ValueTextEquals("producerName"u8) ? "producerName"
                    : reader.ValueTextEquals("consumerName"u8) ? "consumerName"
                    : "";
                break;
        }
    }

    private void Text(ref Utf8JsonReader reader)
    {
        if (_section == Section.Producers && reader.CurrentDepth == PublisherDepth && _field == "producerName")
        {
            if (reader.GetString()!.StartsWith(Cluster.OwnProducerPrefix, StringComparison.Ordinal))
                _ownProducers++;
        }
        else if (_section == Section.Subscriptions && _isInConsumers && reader.CurrentDepth == ConsumerDepth && _field == "consumerName")
        {
            if (reader.GetString()!.StartsWith(Cluster.OwnReaderPrefix, StringComparison.Ordinal))
                _ownReaders++;
        }
    }

    private void Number(ref Utf8JsonReader reader)
    {
        if (_partition is null)
            return;
        if (IsOfSubscription(reader.CurrentDepth) && _subscription is not null)
        {
            _figures = _field switch
            {
                "msgBacklog" => _figures with { Backlog = Whole(ref reader) },
                "unackedMessages" => _figures with { Unacknowledged = Whole(ref reader) },
                "msgRateOut" => _figures with { RateOut = reader.GetDouble() },
                "msgThroughputOut" => _figures with { ThroughputOut = reader.GetDouble() },
                "msgRateRedeliver" => _figures with { RateRedelivered = reader.GetDouble() },
                "msgRateExpired" => _figures with { RateExpired = reader.GetDouble() },
                "messageAckRate" => _figures with { RateAcknowledged = reader.GetDouble() },
                _ => _figures,
            };
        }
        else if (_section == Section.Other && reader.CurrentDepth == FieldDepth)
        {
            if (_field == "producerCount")
                _counted = Whole(ref reader);
            _row = _field switch
            {
                "msgRateIn" => _row with { RateIn = reader.GetDouble() },
                "msgRateOut" => _row with { RateOut = reader.GetDouble() },
                "msgThroughputIn" => _row with { ThroughputIn = reader.GetDouble() },
                "msgThroughputOut" => _row with { ThroughputOut = reader.GetDouble() },
                "averageMsgSize" => _row with { AverageSize = reader.GetDouble() },
                "msgInCount" => _row with { MessagesIn = Whole(ref reader) },
                "bytesInCount" => _row with { BytesIn = Whole(ref reader) },
                "msgOutCount" => _row with { MessagesOut = Whole(ref reader) },
                "bytesOutCount" => _row with { BytesOut = Whole(ref reader) },
                "storageSize" => _row with { StorageBytes = Whole(ref reader) },
                "backlogSize" => _row with { BacklogBytes = Whole(ref reader) },
                _ => _row,
            };
        }
    }

    private void End(ref Utf8JsonReader reader, List<TopicFigures> rows)
    {
        switch (reader.CurrentDepth)
        {
            case 0:
                IsComplete = true;
                break;
            case TopicDepth when _partition is not null:
                rows.Add(_row with { Producers = (int)Math.Max(0, _counted - _ownProducers), Subscriptions = _subscriptions });
                _partition = null;
                break;
            case SubscriptionDepth when _section == Section.Subscriptions && _subscription is not null:
                if (_ownReaders == 0 || _ownReaders < _figures.Consumers)
                    _subscriptions.Add(_figures);
                _subscription = null;
                break;
        }
    }

    private static long Whole(ref Utf8JsonReader reader) => reader.TryGetInt64(out var whole) ? whole : 0;
}
