using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

public sealed partial class CollectorTests
{
    private sealed class KilledException : Exception;

    private sealed class KillAt(string point) : IKillPoints
    {
        public void Reached(string name)
        {
            if (name == point)
                throw new KilledException();
        }
    }

    private sealed class Brokers : IBrokerStatistics
    {
        private readonly Dictionary<string, TopicCounters[]> _shown = new() { ["b1"] = [], ["b2"] = [] };

        public HashSet<string> BreaksOff { get; } = [];
        public HashSet<string> Hangs { get; } = [];
        public bool IsAway { get; set; }
        public Dictionary<string, LiveCounters> Live { get; } = [];
        public TaskCompletionSource Hanging { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Show(string broker, params TopicCounters[] rows) => _shown[broker] = rows;

        public Task<Outcome<BrokerList>> ListBrokersAsync(string cluster, CancellationToken cancellationToken) =>
            Task.FromResult<Outcome<BrokerList>>(
                IsAway ? new Problem.Unavailable("cluster-away", "The cluster is away.") : new BrokerList([.. _shown.Keys], Minute)
            );

        public async IAsyncEnumerable<TopicCounters> ReadAsync(
            string cluster,
            string broker,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            foreach (var row in _shown[broker])
                yield return row;
            if (BreaksOff.Contains(broker))
                throw new BrokerSilentException("It broke off.");
            if (!Hangs.Contains(broker))
                yield break;
            Hanging.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        public Task<Outcome<LiveCounters>> ReadTopicAsync(string cluster, string partition, CancellationToken cancellationToken) =>
            Task.FromResult<Outcome<LiveCounters>>(
                Live.TryGetValue(partition, out var live) ? live : new Problem.NotFound("topic-not-on-cluster", "No.")
            );

        /// <summary>A partition that is not among them hangs.</summary>
        public Dictionary<string, LedgerRecord> Ledgers { get; } = [];

        /// <summary>Partitions whose ledgers were answered.</summary>
        public System.Collections.Concurrent.ConcurrentBag<string> Asked { get; } = [];

        public async Task<Outcome<LedgerRecord>> ReadLedgersAsync(string cluster, string partition, CancellationToken cancellationToken)
        {
            if (!Ledgers.ContainsKey(partition))
                await Task.Delay(Timeout.Infinite, cancellationToken);
            Asked.Add(partition);
            return Ledgers[partition];
        }
    }
}
