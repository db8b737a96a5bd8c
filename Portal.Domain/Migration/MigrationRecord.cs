using System.Globalization;
using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>A migration's record as signed JSON: as it was kept when the migration was finished, or as things stand.</summary>
/// <param name="IsFinal">It was signed when the migration was finished.</param>
public sealed record SignedRecord(string Document, bool IsFinal, DateTimeOffset SignedAt);

/// <summary>
/// The signed record of a migration: inventory, mapping, copies with their proofs, positions, applications, and who confirmed what.
/// </summary>
public sealed class GetMigrationRecord(AccessGuard guard, IPortalDatabase database, ISecretSeal seal, TimeProvider clock)
{
    public async Task<Outcome<SignedRecord>> RunAsync(Actor actor, string organization, MigrationId id, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "migration.record", $"{id}", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync<Outcome<(KeptRecord? Kept, JsonObject? Record)>>(
            async session =>
            {
                if (!(await session.FindMigrationAsync(access, id, cancellationToken)).TryGet(out var migration, out var missing))
                    return missing;
                if (await session.Records.FindAsync(id, cancellationToken) is { } kept)
                    return (kept, null);
                return (
                    null,
                    await MigrationRecords.BuildAsync(session, migration, access.Organization.Name, clock.Now(), cancellationToken)
                );
            },
            cancellationToken
        );
        if (!found.TryGet(out var there, out problem))
            return problem;
        if (there.Kept is { } final)
            return new SignedRecord(final.Document, true, final.SignedAt);
        var key = await RecordKeys.CurrentAsync(database, seal, clock, cancellationToken);
        return new SignedRecord(key.Sign(there.Record!), false, clock.Now());
    }
}

internal static class MigrationRecords
{
    internal static async Task<JsonObject> BuildAsync(
        IPortalSession session,
        KafkaMigration migration,
        string organization,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var id = migration.Id;
        return new JsonObject
        {
            ["migration"] = Head(migration, organization, now),
            ["rules"] = new JsonArray([
                .. migration.Rules.Select(rule =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["match"] = rule.Kind,
                            ["pattern"] = rule.Pattern,
                            ["tenant"] = rule.Tenant,
                            ["namespace"] = rule.Namespace,
                            ["name"] = rule.Name,
                        }
                ),
            ]),
            ["topics"] = await ListAsync(
                (page, token) => session.Migrations.ListTopicsAsync(id, TopicFilter.All, page, token),
                Topic,
                cancellationToken
            ),
            ["partitions"] = await PartitionsAsync(session, id, cancellationToken),
            ["groups"] = await ListAsync(
                (page, token) => session.Moves.GroupsAsync(id, page, token),
                group => Group(group, now),
                cancellationToken
            ),
            ["positions"] = await PositionsAsync(session, id, cancellationToken),
            ["producers"] = await ListAsync(
                (page, token) => session.Moves.ProducersAsync(id, page, token),
                producer => Producer(producer, now),
                cancellationToken
            ),
            ["wayBack"] = await ListAsync((page, token) => session.WaysBack.ListAsync(id, page, token), Back, cancellationToken),
        };
    }

    private static JsonObject Head(KafkaMigration migration, string organization, DateTimeOffset now) =>
        new()
        {
            ["id"] = $"{migration.Id}",
            ["name"] = migration.Name,
            ["organization"] = organization,
            ["tenant"] = migration.TenantName,
            ["cluster"] = migration.Cluster,
            ["bootstrapServers"] = migration.BootstrapServers,
            ["kafkaClusterId"] = migration.KafkaClusterId,
            ["createdBy"] = migration.CreatedBy,
            ["createdAt"] = At(migration.CreatedAt),
            ["inventoriedAt"] = At(migration.LookedWholeAt),
            ["cutOver"] = Word(migration.CutOver),
            ["cutOverBy"] = migration.CutOverBy,
            ["cutOverAskedAt"] = At(migration.CutOverAt),
            ["cutOverDoneAt"] = At(migration.CutOverDoneAt),
            ["acceptedAtCutOver"] = new JsonArray([
                .. migration.CutOverOpen.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => (JsonNode)text),
            ]),
            ["finishedBy"] = migration.FinishedBy,
            ["finishedAt"] = At(migration.FinishedAt),
            ["writtenAt"] = At(now),
        };

    private static JsonObject Topic(MigrationTopic topic) =>
        new()
        {
            ["name"] = topic.Name,
            ["partitions"] = topic.Partitions,
            ["messages"] = topic.Messages,
            ["estimatedBytes"] = topic.Bytes,
            ["consumerGroups"] = topic.Readers,
            ["target"] = topic.TargetPath,
            ["stays"] = topic.Stays is { } reason ? Word(reason) : null,
            ["chosenBy"] = topic.Source == MappingSource.Person ? "person" : "rules",
            ["seenAt"] = At(topic.SeenAt),
        };

    private static async Task<JsonArray> PartitionsAsync(IPortalSession session, MigrationId id, CancellationToken cancellationToken)
    {
        var items = new List<(CopiedPartition Of, JsonObject Written)>();
        for (string? after = null; ; )
        {
            var page = await session.Copies.ListAsync(id, null, new(PageRequest.MaxLimit, after), cancellationToken);
            var proofs = await session.Copies.ProofsAsync([.. page.Items.Select(one => one.Id)], cancellationToken);
            foreach (var one in page.Items)
                items.Add((one, Partition(one, proofs.GetValueOrDefault(one.Id))));
            if (page.Next is null)
                return new JsonArray([
                    .. items
                        .OrderBy(item => item.Of.SourceTopic, StringComparer.Ordinal)
                        .ThenBy(item => item.Of.Number)
                        .Select(item => (JsonNode)item.Written),
                ]);
            after = page.Next;
        }
    }

    private static JsonObject Partition(CopiedPartition one, PartitionProof? proof) =>
        new()
        {
            ["topic"] = one.SourceTopic,
            ["partition"] = one.Number,
            ["target"] = one.Address,
            ["state"] = Word(one.State),
            ["firstOffset"] = one.FirstOffset,
            ["nextOffset"] = one.NextOffset,
            ["kafkaEnd"] = one.SourceEnd,
            ["messages"] = one.Messages,
            ["bytes"] = one.Bytes,
            ["leftOut"] = one.Skipped,
            ["lastLedger"] = one.Position?.Ledger,
            ["lastEntry"] = one.Position?.Entry,
            ["remarks"] = new JsonArray([
                .. one.Remarks.Select(remark =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["kind"] = remark.Kind,
                            ["offset"] = remark.Offset,
                            ["until"] = remark.Until,
                            ["text"] = remark.Text,
                        }
                ),
            ]),
            ["proof"] = proof is null
                ? null
                : new JsonObject
                {
                    ["state"] = Word(proof.State),
                    ["sampled"] = proof.IsSampled,
                    ["fromOffset"] = proof.FromOffset,
                    ["untilOffset"] = proof.UntilOffset,
                    ["kafkaMessages"] = proof.SourceCount,
                    ["pulsarMessages"] = proof.TargetCount,
                    ["others"] = proof.ForeignCount,
                    ["differences"] = proof.Differences,
                    ["kafkaHash"] = proof.SourceHash,
                    ["pulsarHash"] = proof.TargetHash,
                    ["notes"] = proof.Notes,
                    ["startedAt"] = At(proof.StartedAt),
                    ["endedAt"] = At(proof.EndedAt),
                },
        };

    private static JsonObject Group(GroupStanding group, DateTimeOffset now) =>
        new()
        {
            ["group"] = group.Name,
            ["state"] = Word(MoveChecks.Of(group.Moved, now)),
            ["subscription"] = group.Moved?.Subscription,
            ["positionsAt"] = At(group.Moved?.PositionedAt),
            ["rereads"] = group.Rereads,
            ["kafkaState"] = group.Moved?.KafkaState ?? group.Inventory?.State,
            ["lastCommitSeenAt"] = At(group.Moved?.CommittedAt),
            ["consumerSeenAt"] = At(group.Moved?.ConnectedAt),
            ["acknowledgmentSeenAt"] = At(group.Moved?.AcknowledgedAt),
            ["confirmedBy"] = group.Moved?.ConfirmedBy,
            ["confirmedAt"] = At(group.Moved?.ConfirmedAt),
            ["confirmedBecause"] = group.Moved?.ConfirmedNote,
            ["setInKafkaAt"] = At(group.Moved is { Back: GroupBackState.Done } back ? back.BackAt : null),
        };

    private static async Task<JsonArray> PositionsAsync(IPortalSession session, MigrationId id, CancellationToken cancellationToken)
    {
        var items = new JsonArray();
        await foreach (var group in PageWalk.AllAsync(page => session.Moves.GroupsAsync(id, page, cancellationToken), cancellationToken))
        {
            if (group.Moved is null)
                continue;
            await foreach (
                var one in PageWalk.AllAsync(
                    page => session.Moves.PositionsAsync(id, group.Name, page, cancellationToken),
                    cancellationToken
                )
            )
            {
                items.Add(
                    (JsonNode)
                        new JsonObject
                        {
                            ["group"] = one.GroupName,
                            ["topic"] = one.SourceTopic,
                            ["partition"] = one.Number,
                            ["committed"] = one.Committed,
                            ["kind"] = Word(one.Kind),
                            ["ledger"] = one.Ledger,
                            ["entry"] = one.Entry,
                            ["batch"] = one.Batch,
                            ["behind"] = one.IsAfter,
                            ["rereads"] = one.Rereads,
                            ["setAt"] = At(one.SetAt),
                            ["kafkaOffset"] = one.BackOffset,
                            ["kafkaRereads"] = one.BackRereads,
                        }
                );
            }
        }
        return items;
    }

    private static JsonObject Producer(ProducerStanding one, DateTimeOffset now) =>
        new()
        {
            ["topic"] = one.Topic,
            ["target"] = one.Address,
            ["state"] = Word(MoveChecks.Of(one.Seen, now)),
            ["kafkaEnd"] = one.Seen?.End,
            ["lastWrittenInKafkaSeenAt"] = At(one.Seen?.GrewAt),
            ["producerSeenAt"] = At(one.Seen?.ConnectedAt),
            ["confirmedBy"] = one.Seen?.ConfirmedBy,
            ["confirmedAt"] = At(one.Seen?.ConfirmedAt),
            ["confirmedBecause"] = one.Seen?.ConfirmedNote,
        };

    private static JsonObject Back(BackPartition one) =>
        new()
        {
            ["topic"] = one.SourceTopic,
            ["partition"] = one.Number,
            ["state"] = Word(one.State),
            ["messages"] = one.Messages,
            ["bytes"] = one.Bytes,
            ["leftOut"] = one.LeftOut,
            ["leftOutMessages"] = new JsonArray([
                .. one.LeftOutAt.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(place => (JsonNode)place),
            ]),
            ["startedAt"] = At(one.StartedAt),
            ["endedAt"] = At(one.EndedAt),
        };

    private static async Task<JsonArray> ListAsync<T>(
        Func<PageRequest, CancellationToken, Task<PageOf<T>>> list,
        Func<T, JsonObject> write,
        CancellationToken cancellationToken
    )
    {
        var items = new JsonArray();
        await foreach (var item in PageWalk.AllAsync(page => list(page, cancellationToken), cancellationToken))
            items.Add((JsonNode)write(item));
        return items;
    }

    private static string? At(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    private static string Word<TCase>(TCase value)
        where TCase : struct, Enum => $"{value}";
}
