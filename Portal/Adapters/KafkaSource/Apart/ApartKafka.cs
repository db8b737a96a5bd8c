using System.Collections.Concurrent;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary><see cref="IKafkaCluster"/> in a process of its own.</summary>
internal sealed class ApartCluster(KafkaChildCalls calls) : IKafkaCluster
{
    public async Task<ConnectionTest> TestAsync(KafkaConnection connection, CancellationToken cancellationToken)
    {
        var seen = new ConcurrentQueue<ConnectionCheck>();
        var tested = await calls.AskAsync(
            connection,
            KafkaVerb.Test,
            [],
            KafkaPayload.Read<ConnectionTest>,
            cancellationToken,
            frame =>
            {
                // More steps there are not; what can't be read is found out with the answer.
                if (seen.Count < 10 && KafkaPayload.TryRead<ConnectionCheck>(frame.Payload.Span) is { Message: not null } check)
                    seen.Enqueue(check);
            }
        );
        return tested.Problem is { } problem ? Broken(connection, [.. seen], problem) : tested.Value;
    }

    public async Task<Outcome<IKafkaLook>> OpenAsync(KafkaConnection connection, CancellationToken cancellationToken) =>
        (await calls.OpenAsync(connection, KafkaVerb.OpenLook, [], cancellationToken)).Map<IKafkaLook>(handle => new ApartLook(handle));

    /// <summary>The step that was being tried when the client stopped is the one that failed.</summary>
    private static ConnectionTest Broken(KafkaConnection connection, IReadOnlyList<ConnectionCheck> seen, Problem problem)
    {
        var checks = new List<ConnectionCheck>();
        var told = false;
        foreach (var step in Enum.GetValues<ConnectionStep>())
        {
            if (step == ConnectionStep.Tls && !connection.Security.UsesTls())
                continue;
            if (seen.FirstOrDefault(check => check.Step == step) is { } known && !told)
                checks.Add(known);
            else if (told || checks.Any(check => check.State == CheckState.Failed))
                checks.Add(new(step, CheckState.NotReached, null, "Not reached."));
            else
            {
                checks.Add(new(step, CheckState.Failed, problem.Code, problem.Message));
                told = true;
            }
        }
        // Whatever it had passed, the end of the test is missing.
        if (checks.All(check => check.State != CheckState.Failed))
            checks[^1] = new(checks[^1].Step, CheckState.Failed, problem.Code, problem.Message);
        return new(checks, null, 0);
    }
}

/// <summary><see cref="IKafkaPartitions"/> in a process of its own.</summary>
internal sealed class ApartPartitions(KafkaChildCalls calls) : IKafkaPartitions
{
    public async Task<Outcome<KafkaOffsets>> OffsetsAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        CancellationToken cancellationToken
    ) =>
        (
            await calls.AskAsync(
                connection,
                KafkaVerb.Offsets,
                ApartKafka.At(partition),
                KafkaPayload.Read<KafkaPayload.OffsetsSaid>,
                cancellationToken
            )
        ).Map(said => new KafkaOffsets(said.First, said.End));

    public Task<Outcome<bool?>> IsCompactedAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken) =>
        calls.AskAsync(connection, KafkaVerb.IsCompacted, KafkaPayload.Write(topic), KafkaPayload.Read<bool?>, cancellationToken);

    public async Task<Outcome<IKafkaReader>> OpenAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        long offset,
        CancellationToken cancellationToken
    ) =>
        (await calls.OpenAsync(connection, KafkaVerb.OpenReader, ApartKafka.At(partition, offset), cancellationToken)).Map<IKafkaReader>(
            handle => new ApartReader(handle)
        );
}

/// <summary><see cref="IKafkaBack"/> in a process of its own.</summary>
internal sealed class ApartBack(KafkaChildCalls calls) : IKafkaBack
{
    public Task<Outcome<bool?>> MayWriteAsync(KafkaConnection connection, string topic, CancellationToken cancellationToken) =>
        calls.AskAsync(connection, KafkaVerb.MayWrite, KafkaPayload.Write(topic), KafkaPayload.Read<bool?>, cancellationToken);

    public async Task<Outcome<IKafkaWriter>> OpenAsync(
        KafkaConnection connection,
        KafkaPartition partition,
        CancellationToken cancellationToken
    ) =>
        (await calls.OpenAsync(connection, KafkaVerb.OpenWriter, ApartKafka.At(partition), cancellationToken)).Map<IKafkaWriter>(
            handle => new ApartWriter(handle)
        );

    public async Task<Outcome<Done>> CommitAsync(
        KafkaConnection connection,
        string group,
        IReadOnlyDictionary<KafkaPartition, long> offsets,
        CancellationToken cancellationToken
    ) =>
        (
            await calls.AskAsync(
                connection,
                KafkaVerb.Commit,
                KafkaPayload.Write(KafkaPayload.CommitAsked.Of(group, offsets)),
                KafkaPayload.Read<bool>,
                cancellationToken
            )
        ).Map(_ => new Done());
}

internal static class ApartKafka
{
    internal static byte[] At(KafkaPartition partition, long offset = 0) =>
        KafkaPayload.Write(new KafkaPayload.PartitionAt(partition.Topic, partition.Number, offset));
}
