using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// The tamper-evident chain of an audit log. A row's hash is SHA-256 over the hash before it and the row, written as a
/// JSON array of its columns in a fixed order; the head row holds the last sequence and hash, so that rows cut off at
/// the end are missed too. Retention cuts the oldest rows off: the head row then holds the sequence and hash of the last
/// of them, and a row of the chain itself says the same. Who can rewrite the whole chain and its head can forge it:
/// heads that are kept elsewhere show that (docs/security.md).
/// </summary>
internal static class AuditChain
{
    internal const string CutOperation = "audit.cut";

    private static readonly Actor Retention = Actor.Worker("audit-retention");

    internal static Guid KeyOf(OrganizationId? organization) => organization?.Value ?? Guid.Empty;

    /// <summary>Locks the chain's head in the transaction of the context and reads it; makes it when there is none.</summary>
    internal static Task<AuditChainRow> LockAsync(
        PortalDbContext context,
        OrganizationId? organization,
        CancellationToken cancellationToken
    ) => LockAsync(context, KeyOf(organization), cancellationToken);

    internal static async Task<AuditChainRow> LockAsync(PortalDbContext context, Guid key, CancellationToken cancellationToken)
    {
        if (context.Database.IsNpgsql())
        {
            // Made when missing, locked and read in one round trip: every write of the portal begins with it.
            var locked = await context
                .AuditChains.FromSql(
                    $"""
                    INSERT INTO audit_chains (chain, sequence, hash, cut_sequence, cut_hash) VALUES ({key}, 0, '', 0, '') ON CONFLICT DO NOTHING;
                    SELECT chain, sequence, hash, cut_sequence, cut_hash FROM audit_chains WHERE chain = {key} FOR UPDATE
                    """
                )
                .ToListAsync(cancellationToken);
            return locked.Single();
        }
        // On SQLite BEGIN IMMEDIATE locked everything already.
        var head = await context.AuditChains.SingleOrDefaultAsync(row => row.Chain == key, cancellationToken);
        if (head is not null)
            return head;
        head = new AuditChainRow { Chain = key };
        context.Add(head);
        return head;
    }

    /// <summary>Adds a row to a locked chain; it is written with the context's changes.</summary>
    internal static void Append(
        PortalDbContext context,
        AuditChainRow head,
        Actor actor,
        Operation operation,
        AuditOutcome outcome,
        Problem? problem,
        TimeProvider clock
    )
    {
        var row = new AuditRow
        {
            Chain = head.Chain,
            Sequence = head.Sequence + 1,
            Id = clock.NewUuid(),
            At = clock.Now(),
            Actor = StorableText.Clean(actor.Name),
            AccountId = actor.AccountId?.Value,
            OnBehalfOf = actor.OnBehalfOf is { } other ? StorableText.Clean(other) : null,
            Operation = operation.Name,
            Subject = StorableText.Clean(operation.Subject),
            Outcome = outcome,
            Details = Details(operation.Details, actor, problem),
            Address = actor.Address,
            TraceId = actor.TraceId,
        };
        row.Hash = Hash(head.Hash, row);
        (head.Sequence, head.Hash) = (row.Sequence, row.Hash);
        context.Add(row);
    }

    /// <summary>Records in a locked chain where it was cut, as the head row has it already.</summary>
    internal static void AppendCut(PortalDbContext context, AuditChainRow head, TimeProvider clock) =>
        Append(
            context,
            head,
            Retention,
            new Operation(Permission.OperatePlatform, CutOperation, "", CutDetails(head)),
            AuditOutcome.Allowed,
            null,
            clock
        );

    /// <summary>Whether a row says that the chain was cut where the head row says so.</summary>
    internal static bool SaysCut(AuditRow row, AuditChainRow head) =>
        row.Operation == CutOperation && row.Details == Details(CutDetails(head), Retention, null);

    internal static string Hash(string before, AuditRow row)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStringValue(before);
            json.WriteStringValue(row.Chain);
            json.WriteNumberValue(row.Sequence);
            json.WriteStringValue(row.Id);
            json.WriteNumberValue(row.At.ToUnixMicroseconds());
            json.WriteStringValue(row.Actor);
            json.WriteStringValue(row.AccountId?.ToString());
            json.WriteStringValue(row.OnBehalfOf);
            json.WriteStringValue(row.Operation);
            json.WriteStringValue(row.Subject);
            json.WriteStringValue(row.Outcome.ToString());
            json.WriteStringValue(row.Details);
            json.WriteStringValue(row.Address);
            json.WriteStringValue(row.TraceId);
            json.WriteEndArray();
        }
        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static Dictionary<string, string> CutDetails(AuditChainRow head) =>
        new() { ["through"] = head.CutSequence.ToString(CultureInfo.InvariantCulture), ["hash"] = head.CutHash };

    private static string Details(IReadOnlyDictionary<string, string>? details, Actor actor, Problem? problem)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in details ?? new Dictionary<string, string>())
            sorted[key] = StorableText.Clean(value);
        if (actor.Via is { } via)
            sorted["via"] = StorableText.Clean(via);
        if (problem is not null)
            sorted["problem"] = problem.Code;
        return JsonSerializer.Serialize(sorted);
    }
}
