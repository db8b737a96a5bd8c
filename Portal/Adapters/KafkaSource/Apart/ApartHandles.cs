using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>An open look in a process of its own.</summary>
internal sealed class ApartLook(KafkaChildHandle handle) : IKafkaLook
{
    private static readonly TimeSpan GroupsWithin = TimeSpan.FromMinutes(20);

    public Task<Outcome<IReadOnlyList<string>>> TopicNamesAsync(CancellationToken cancellationToken) =>
        handle.AskAsync(KafkaVerb.TopicNames, [], KafkaPayload.Read<IReadOnlyList<string>>, cancellationToken);

    public Task<Outcome<IReadOnlyDictionary<string, TopicFacts>>> DescribeAsync(
        IReadOnlyList<string> names,
        CancellationToken cancellationToken
    ) =>
        handle.AskAsync(
            KafkaVerb.Describe,
            KafkaPayload.Write(names),
            KafkaPayload.Read<IReadOnlyDictionary<string, TopicFacts>>,
            cancellationToken
        );

    public Task<Outcome<IReadOnlyDictionary<string, long>>> EndsAsync(
        IReadOnlyDictionary<string, int> partitions,
        CancellationToken cancellationToken
    ) =>
        handle.AskAsync(
            KafkaVerb.Ends,
            KafkaPayload.Write(partitions),
            KafkaPayload.Read<IReadOnlyDictionary<string, long>>,
            cancellationToken
        );

    public Task<Outcome<IReadOnlyList<string>>> GroupNamesAsync(CancellationToken cancellationToken) =>
        handle.AskAsync(KafkaVerb.GroupNames, [], KafkaPayload.Read<IReadOnlyList<string>>, cancellationToken);

    public Task<Outcome<IReadOnlyList<GroupFacts>>> GroupsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        // Each group is asked for by itself.
        handle.AskAsync(
            KafkaVerb.Groups,
            KafkaPayload.Write(names),
            KafkaPayload.Read<IReadOnlyList<GroupFacts>>,
            cancellationToken,
            GroupsWithin
        );

    public async Task<Outcome<GroupCommits>> CommitsAsync(string group, CancellationToken cancellationToken) =>
        (
            await handle.AskAsync(
                KafkaVerb.Commits,
                KafkaPayload.Write(group),
                KafkaPayload.Read<KafkaPayload.CommitsSaid>,
                cancellationToken
            )
        ).Map(said => said.ToCommits());

    public Task<Outcome<IReadOnlyList<KafkaAcl>>> AclsAsync(int atMost, CancellationToken cancellationToken) =>
        handle.AskAsync(KafkaVerb.Acls, KafkaPayload.Write(atMost), KafkaPayload.Read<IReadOnlyList<KafkaAcl>>, cancellationToken);

    public ValueTask DisposeAsync() => handle.DisposeAsync();
}

/// <summary>A reader in a process of its own. It was opened where it stands, so it stands nowhere once a read had no answer.</summary>
internal sealed class ApartReader(KafkaChildHandle handle) : IKafkaReader
{
    private volatile bool _lost;

    public async Task<Outcome<KafkaBatch>> ReadAsync(int bytes, TimeSpan wait, CancellationToken cancellationToken)
    {
        if (_lost)
            return KafkaChildProblems.Died(KafkaChildEnd.Exited, 0);
        var answered = false;
        try
        {
            var read = await handle.AskAsync(
                KafkaVerb.Read,
                12,
                packer =>
                {
                    packer.Int(bytes);
                    packer.Long((long)wait.TotalMilliseconds);
                },
                static payload => new KafkaUnpacker(payload).Batch(),
                cancellationToken,
                KafkaChildCalls.Within + wait
            );
            answered = true;
            return read;
        }
        finally
        {
            // What was read for it is gone: to go on behind that would be a gap.
            if (!answered)
                _lost = true;
        }
    }

    public ValueTask DisposeAsync() => handle.DisposeAsync();
}

/// <summary>A writer in a process of its own.</summary>
internal sealed class ApartWriter(KafkaChildHandle handle) : IKafkaWriter
{
    public Task<Outcome<long>> WriteAsync(IReadOnlyList<BackRecord> records, CancellationToken cancellationToken) =>
        handle.AskAsync(
            KafkaVerb.Write,
            records.Sum(record => record.Bytes + 32 + record.Headers.Sum(header => 16 + header.Name.Length + (header.Value?.Length ?? 0))),
            packer => packer.Records(records),
            KafkaPayload.Read<long>,
            cancellationToken
        );

    public ValueTask DisposeAsync() => handle.DisposeAsync();
}
