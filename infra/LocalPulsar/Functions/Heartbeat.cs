using System.Text;
using LocalPulsar.Topics;

namespace LocalPulsar.Functions;

/// <summary>The source <c>heartbeat</c>: a numbered text at a fixed rate.</summary>
internal sealed class Heartbeat(
    TopicName target,
    string? text,
    long interval,
    long failAfter,
    string name,
    TopicDirectory directory,
    Broker broker
) : IConnectorCode, ITopicClient
{
    private volatile bool _detached;

    public async Task RunAsync(Instance instance, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(text))
            throw new InvalidOperationException("text is required");
        var places = new List<(Topic Topic, Producer Producer)>();
        try
        {
            foreach (var topic in await directory.ForClientAsync(target, cancellationToken))
            {
                var producer = new Producer(
                    places.Count,
                    $"{name}-{broker.NextProducerName()}",
                    this,
                    "functions-worker",
                    broker.Clock.GetUtcNow()
                );
                topic.Join(producer);
                places.Add((topic, producer));
            }
            instance.Opened();
            for (var number = 1L; ; number++)
            {
                if (failAfter > 0 && number > failAfter)
                    throw new InvalidOperationException($"asked to fail after {failAfter} messages");
                if (_detached)
                    throw new InvalidOperationException("The topic was unloaded");
                var (topic, producer) = places[(int)(number % places.Count)];
                var payload = Encoding.UTF8.GetBytes($"{text} {number}");
                instance.CameIn();
                var metadata = new MessageMetadata
                {
                    ProducerName = producer.Name,
                    SequenceId = number,
                    PublishTime = topic.Now,
                    UncompressedSize = payload.Length,
                };
                await topic.Publish(producer, metadata, payload);
                instance.WentOut();
                var pause = TimeSpan.FromMilliseconds(Math.Max(1, interval));
                await Task.Delay(topic.PublishWait() is var wait && wait > pause ? wait : pause, broker.Clock, cancellationToken);
            }
        }
        finally
        {
            foreach (var (topic, producer) in places)
                topic.Leave(producer);
        }
    }

    public void Detached() => _detached = true;
}
