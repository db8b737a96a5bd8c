using System.Diagnostics.Metrics;
using Portal.Domain.Common;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>Processes of Kafka clients, counted.</summary>
internal sealed class KafkaChildMeter : IDisposable
{
    private readonly Meter _meter = new("Portal");
    private readonly Counter<long> _deaths;
    private readonly Counter<long> _busy;

    public KafkaChildMeter(KafkaChildren children)
    {
        _meter.ObserveGauge<KafkaChildren, int>(
            "kafka.clients",
            children,
            static all => [new Measurement<int>(all.Count)],
            description: "Processes that talk to customers' Kafka clusters"
        );
        _deaths = _meter.CreateCounter<long>(
            "kafka.client_deaths",
            description: "Processes of Kafka clients that ended other than by being idle, by reason"
        );
        _busy = _meter.CreateCounter<long>(
            "kafka.client_refusals",
            description: "Calls to customers' Kafka clusters that found no process free"
        );
    }

    public void Died(KafkaChildEnd end) => _deaths.Add(1, new KeyValuePair<string, object?>("reason", end.ToString().ToLowerInvariant()));

    public void Busy() => _busy.Add(1);

    public void Dispose() => _meter.Dispose();
}
