using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Adapters.PulsarAdmin;
using Portal.Domain.Clusters;
using Portal.Domain.Usage;

namespace Portal.Bench.Ledger;

/// <summary>
/// Reading a broker's statistics from another process' socket to rows, beside a bare walk over the tokens of the same
/// answer from the same server.
/// </summary>
internal static class StatisticsBench
{
    private const int Rounds = 5;
    private const int Piece = 65_536;

    public static async Task RunAsync(int partitions)
    {
        var document = Document(partitions);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var server = builder.Build();
        var address = new Uri($"http://127.0.0.1:{BenchPostgres.FreePort()}");
        server.Urls.Add(address.ToString());
        server.MapGet(
            "/admin/v2/broker-stats/topics",
            async context =>
            {
                // In pieces, or the server would hold the answer a second time.
                for (var from = 0; from < document.Length; from += Piece)
                    await context.Response.Body.WriteAsync(document.AsMemory(from, Math.Min(Piece, document.Length - from)));
            }
        );
        await server.StartAsync();

        await using var services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .AddPulsarAdmin([new ClusterRegistration("local", [address], null, null, null, null)])
            .BuildServiceProvider();
        var statistics = services.GetRequiredService<IBrokerStatistics>();
        using var http = new HttpClient();
        var (walks, reads) = (new List<double>(), new List<double>());
        var (rows, most) = (0, 0L);
        var idle = Memory();
        for (var round = 0; round <= Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            await WalkAsync(http, address);
            var walk = Stopwatch.GetElapsedTime(began).TotalSeconds;
            idle = round == 0 ? Memory() : idle;
            began = Stopwatch.GetTimestamp();
            rows = 0;
            // What a pass holds of them.
            var kept = new List<TopicCounters>();
            await foreach (var row in statistics.ReadAsync("local", address.Authority, CancellationToken.None))
            {
                rows++;
                kept.Add(row);
                if (rows % 20_000 == 0)
                    most = Math.Max(most, GC.GetTotalMemory(false) - idle);
            }
            var read = Stopwatch.GetElapsedTime(began).TotalSeconds;
            most = Math.Max(most, Memory() - idle);
            GC.KeepAlive(kept);
            if (round == 0)
                continue;
            walks.Add(walk);
            reads.Add(read);
        }
        var (bare, ours) = (walks.Order().ElementAt(Rounds / 2), reads.Order().ElementAt(Rounds / 2));
        LedgerBench.Print(
            $"statistics of {rows:N0} partitions, {document.Length / 1048576.0:N0} MiB: {ours:N2} s to rows, a bare walk of the same answer {bare:N2} s: {ours / bare:N2}x; at most {most / 1048576.0:N0} MiB over idle, all rows kept"
        );
    }

    private static long Memory() => GC.GetTotalMemory(true);

    private static async Task WalkAsync(HttpClient http, Uri address)
    {
        using var response = await http.GetAsync(
            new Uri(address, "/admin/v2/broker-stats/topics"),
            HttpCompletionOption.ResponseHeadersRead
        );
        var pipe = PipeReader.Create(await response.Content.ReadAsStreamAsync());
        var state = new JsonReaderState();
        while (true)
        {
            var part = await pipe.ReadAsync();
            pipe.AdvanceTo(Walk(part.Buffer, part.IsCompleted, ref state), part.Buffer.End);
            if (part.IsCompleted)
                break;
        }
        await pipe.CompleteAsync();
    }

    private static SequencePosition Walk(in ReadOnlySequence<byte> bytes, bool isLast, ref JsonReaderState state)
    {
        var reader = new Utf8JsonReader(bytes, isLast, state);
        while (reader.Read()) { }
        state = reader.CurrentState;
        return reader.Position;
    }

    /// <summary>As brokers write it: a producer and a subscription with a consumer in each topic.</summary>
    private static byte[] Document(int partitions)
    {
        var text = new StringBuilder("{");
        const int Each = 1_000;
        for (var i = 0; i < partitions; i++)
        {
            if (i % Each == 0)
                text.Append(i == 0 ? "" : "}}},")
                    .Append($"\"customer-{i / Each}/default\":{{\"0x00000000_0x40000000\":{{\"persistent\":{{");
            text.Append(i % Each == 0 ? "" : ",")
                .Append(
                    $$$"""
                    "persistent://customer-{{{i / Each}}}/default/topic-{{{i
                        % Each}}}":{"publishers":[{"producerId":{{{i}}},"producerName":"standalone-0-{{{i}}}","address":"10.0.0.7:51234","connectedSince":"2026-11-23T10:00:00.123Z","clientVersion":"Pulsar-Java-v4.0.7","msgRateIn":12.5,"msgThroughputIn":12861.44,"averageMsgSize":1028.9}],"replication":{},"subscriptions":{"billing":{"consumers":[{"address":"10.0.0.9:40022","consumerName":"c{{{i}}}","availablePermits":877,"connectedSince":"2026-11-23T10:00:00.123Z","msgRateOut":12.5,"msgThroughputOut":12861.44,"msgRateRedeliver":0.0,"unackedMessages":0,"blockedConsumerOnUnackedMsgs":false,"clientVersion":"Pulsar-Java-v4.0.7"}],"msgBacklog":{{{i
                        % 77}}},"msgRateExpired":0.0,"msgRateOut":12.5,"msgThroughputOut":12861.44,"msgRateRedeliver":0.0,"numberOfEntriesSinceFirstNotAckedMessage":1,"totalNonContiguousDeletedMessagesRange":0,"type":"Shared"}},"producerCount":1,"averageMsgSize":1028.9,"msgRateIn":12.5,"msgRateOut":12.5,"msgInCount":{{{i
                        * 31L}}},"bytesInCount":{{{i * 31_872L}}},"msgOutCount":{{{i * 31L}}},"bytesOutCount":{{{i
                        * 31_872L}}},"msgThroughputIn":12861.44,"msgThroughputOut":12861.44,"storageSize":{{{i
                        * 31_872L}}},"backlogSize":{{{i % 77 * 1_028}}},"pendingAddEntriesCount":0,"filteredEntriesCount":0}
                    """
                );
        }
        return Encoding.UTF8.GetBytes(text.Append("}}}}").ToString());
    }
}
