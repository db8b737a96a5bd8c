using System.Diagnostics;
using System.Threading.Channels;
using LocalPulsar.Topics;

namespace LocalPulsar.Functions;

/// <summary>
/// One instance of a function between its topics. A message that the function throws at comes back after a minute, is gone, or
/// ends the instance: at least once, at most once, effectively once.
/// </summary>
internal sealed class FunctionRun(
    AnomalyScore function,
    IReadOnlyList<TopicName> inputs,
    TopicName? output,
    string subscription,
    string guarantee,
    string name,
    TopicDirectory directory,
    Broker broker
) : IConnectorCode, IConsumerClient
{
    private const int AtOnce = 100;
    private static readonly TimeSpan _redelivery = TimeSpan.FromMinutes(1);
    private readonly Channel<(Consumer Consumer, Entry Entry)> _queue = Channel.CreateUnbounded<(Consumer, Entry)>();
    private readonly List<(Topic Topic, Producer Producer)> _places = [];
    private long _sent;

    private bool IsAtMostOnce => guarantee == "ATMOST_ONCE";

    private bool IsEffectivelyOnce => guarantee == "EFFECTIVELY_ONCE";

    public async Task RunAsync(Instance instance, CancellationToken cancellationToken)
    {
        var consumers = new List<Consumer>();
        try
        {
            if (output is not null)
            {
                foreach (var topic in await directory.ForClientAsync(output, cancellationToken))
                {
                    var producer = new Producer(
                        _places.Count,
                        $"{name}-{broker.NextProducerName()}",
                        this,
                        "functions-worker",
                        broker.Clock.GetUtcNow()
                    );
                    topic.Join(producer);
                    _places.Add((topic, producer));
                }
            }
            foreach (var input in inputs)
            {
                foreach (var topic in await directory.ForClientAsync(input, cancellationToken))
                {
                    topic.AddSubscription(
                        subscription,
                        durable: true,
                        Position.Latest,
                        startExcluded: false,
                        new Dictionary<string, string>()
                    );
                    var consumer = new Consumer(
                        topic,
                        name,
                        IsEffectivelyOnce ? SubscriptionType.Failover : SubscriptionType.Shared,
                        0,
                        this,
                        "functions-worker",
                        broker.Clock.GetUtcNow()
                    );
                    topic.Join(consumer, subscription);
                    consumers.Add(consumer);
                }
            }
            instance.Opened();
            consumers.ForEach(consumer => consumer.Flow(AtOnce));
            await foreach (var (consumer, entry) in _queue.Reader.ReadAllAsync(cancellationToken))
            {
                await ProcessAsync(instance, consumer, entry, cancellationToken);
                consumer.Flow(1);
            }
            throw new InvalidOperationException("The topic was unloaded");
        }
        finally
        {
            consumers.ForEach(consumer => consumer.Close());
            foreach (var (topic, producer) in _places)
                topic.Leave(producer);
        }
    }

    public void Deliver(Consumer consumer, Entry entry, int redeliveries) => _queue.Writer.TryWrite((consumer, entry));

    public void Detached() => _queue.Writer.TryComplete();

    private async Task ProcessAsync(Instance instance, Consumer consumer, Entry entry, CancellationToken cancellationToken)
    {
        if (IsAtMostOnce)
            consumer.Acknowledge(entry.Position);
        var began = Stopwatch.GetTimestamp();
        try
        {
            var result = function.Process(entry.Payload);
            instance.Processed(Stopwatch.GetElapsedTime(began), null);
            if (result is not null && _places.Count > 0)
                await SendAsync(consumer.Topic.Name, entry, result, cancellationToken);
        }
        catch (FunctionException e)
        {
            instance.Processed(Stopwatch.GetElapsedTime(began), e.Message);
            if (IsEffectivelyOnce)
                throw new InvalidOperationException($"Failed to process message: {entry.Position}:{Partition(consumer.Topic.Name)}");
            if (!IsAtMostOnce)
                _ = RedeliverAsync(consumer, entry.Position, cancellationToken);
            return;
        }
        if (!IsAtMostOnce)
            consumer.Acknowledge(entry.Position);
    }

    /// <summary>The key and the properties of a message go on with what was made of it, and so does where it came from.</summary>
    private async Task SendAsync(TopicName from, Entry entry, byte[] payload, CancellationToken cancellationToken)
    {
        var source = entry.Decoded;
        var (topic, producer) = _places[(int)((source.Key is { } key ? JavaHash(key) : _sent) % _places.Count)];
        var metadata = new MessageMetadata
        {
            ProducerName = producer.Name,
            SequenceId = _sent++,
            PublishTime = topic.Now,
            Key = source.Key,
            EventTime = source.EventTime,
            Properties =
            [
                .. source.Properties,
                new("__pfn_input_topic__", from.Base.Full),
                new("__pfn_input_msg_id__", new MessageId(entry.Position, Partition(from)).Encode()),
            ],
            UncompressedSize = payload.Length,
        };
        if (topic.PublishWait() is var wait && wait > TimeSpan.Zero)
            await Task.Delay(wait, broker.Clock, cancellationToken);
        await topic.Publish(producer, metadata, payload);
    }

    private async Task RedeliverAsync(Consumer consumer, Position position, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(_redelivery, broker.Clock, cancellationToken);
            consumer.Redeliver(position);
        }
        catch (OperationCanceledException)
        {
            // The instance has ended, and its messages go to who comes next.
        }
    }

    private static int Partition(TopicName topic) => topic.IsPartition ? topic.PartitionIndex : -1;

    private static int JavaHash(string key) => key.Aggregate(0, (hash, c) => unchecked(hash * 31 + c)) & int.MaxValue;
}
