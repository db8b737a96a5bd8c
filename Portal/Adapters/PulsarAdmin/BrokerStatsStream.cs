using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Reads a broker's statistics of all its topics while they arrive, row by row.</summary>
internal interface IStatsParser<TRow>
{
    /// <summary>The document's last brace was read.</summary>
    bool IsComplete { get; }

    /// <summary>Parses as many whole tokens as there are and adds the topics that ended to <paramref name="rows"/>.</summary>
    /// <returns>What was consumed; the rest must come again with what follows.</returns>
    /// <exception cref="JsonException">It is not such a document, or it ended too early.</exception>
    SequencePosition Parse(in ReadOnlySequence<byte> bytes, bool isLast, List<TRow> rows);
}

/// <summary><c>/admin/v2/broker-stats/topics</c> of one broker, for whatever parser wants of it.</summary>
internal static class BrokerStatsStream
{
    /// <exception cref="BrokerSilentException">The broker does not answer, or not to the end.</exception>
    public static async IAsyncEnumerable<TRow> ReadAsync<TRow>(
        ClusterConnection connection,
        string broker,
        IStatsParser<TRow> parser,
        TimeProvider clock,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var stream = await connection.StreamAsync(broker, "admin/v2/broker-stats/topics", cancellationToken);
        var (pipe, rows) = (PipeReader.Create(stream), new List<TRow>());
        try
        {
            while (true)
            {
                rows.Clear();
                var ended = await ReadPartAsync(broker, pipe, parser, rows, clock, cancellationToken);
                foreach (var row in rows)
                    yield return row;
                if (!ended)
                    continue;
                if (!parser.IsComplete)
                    throw new BrokerSilentException($"{broker} broke off its statistics.");
                yield break;
            }
        }
        finally
        {
            await pipe.CompleteAsync();
        }
    }

    private static async Task<bool> ReadPartAsync<TRow>(
        string broker,
        PipeReader pipe,
        IStatsParser<TRow> parser,
        List<TRow> rows,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(ClusterConnection.PerBroker, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var part = await pipe.ReadAsync(both.Token);
            pipe.AdvanceTo(parser.Parse(part.Buffer, part.IsCompleted, rows), part.Buffer.End);
            return part.IsCompleted;
        }
        catch (Exception exception) when (exception is JsonException or IOException or HttpRequestException)
        {
            throw new BrokerSilentException(
                $"{broker} broke off its statistics, or they are not what they should be: {exception.Message}",
                exception
            );
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BrokerSilentException($"{broker} stopped in the middle of its statistics.", exception);
        }
    }
}
