using System.Runtime.CompilerServices;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Support.Fakes;

/// <summary>Brokers that say what a test lets them say of their topics.</summary>
public sealed class StandingFigures : IBrokerStatistics, ITopicFigures
{
    /// <summary>What each broker says, by its name; null for one that answers nothing.</summary>
    public Dictionary<string, IReadOnlyList<TopicFigures>?> Brokers { get; } = [];

    /// <summary>Why no broker can be found; null while they can.</summary>
    public Problem? Away { get; set; }

    /// <summary>How often brokers were listed, once for each look at a cluster.</summary>
    public int Looks => _looks;

    /// <summary>Until this is done no broker answers.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    private int _looks;

    public Task<Outcome<BrokerList>> ListBrokersAsync(string cluster, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _looks);
        return Task.FromResult<Outcome<BrokerList>>(
            Away is { } problem ? problem : new BrokerList([.. Brokers.Keys], TimeSpan.FromSeconds(60))
        );
    }

    async IAsyncEnumerable<TopicFigures> ITopicFigures.ReadAsync(
        string cluster,
        string broker,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await Ready.WaitAsync(cancellationToken);
        foreach (var row in Brokers[broker] ?? throw new BrokerSilentException($"{broker} is away."))
            yield return row;
    }

    public IAsyncEnumerable<TopicCounters> ReadAsync(string cluster, string broker, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<LiveCounters>> ReadTopicAsync(string cluster, string partition, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<Outcome<LedgerRecord>> ReadLedgersAsync(string cluster, string partition, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
