using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Ledger;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Sample;

namespace Portal.Adapters.PortalDatabase;

/// <summary>Erases the sample company: the ledger's tables by their names, all others as the model has them.</summary>
internal sealed class SampleRows(PortalConnections connections) : ISampleRows
{
    private const int Rows = 5_000;

    /// <summary>Of a ledger's organization, what is written for every sample before what that refers to.</summary>
    private static readonly (string Table, string Key, string Condition)[] Ledger =
    [
        (
            "usage_samples",
            "organization_no, closed_at, series_no",
            "organization_no IN (SELECT no FROM usage_organizations WHERE organization_id = @organization)"
        ),
        (
            "usage_spans",
            "organization_no, closed_at, series_no",
            "organization_no IN (SELECT no FROM usage_organizations WHERE organization_id = @organization)"
        ),
        (
            "usage_hours",
            "organization_no, hour, topic_no",
            "organization_no IN (SELECT no FROM usage_organizations WHERE organization_id = @organization)"
        ),
        (
            "usage_totals",
            "organization_no, hour",
            "organization_no IN (SELECT no FROM usage_organizations WHERE organization_id = @organization)"
        ),
        (
            "usage_recovered",
            "organization_no, closed_at, series_no",
            "organization_no IN (SELECT no FROM usage_organizations WHERE organization_id = @organization)"
        ),
        ("usage_gaps", "topic_id, from_at, cause, broker", "organization_id = @organization"),
    ];

    /// <summary>The rest goes at once: it is small, and a collector that has read it compares again.</summary>
    private static readonly string[] Ends =
    [
        """
            DELETE FROM usage_series WHERE topic_no IN (
              SELECT t.no FROM usage_topics t JOIN usage_organizations o ON o.no = t.organization_no WHERE o.organization_id = @organization)
            """,
        "DELETE FROM usage_topics WHERE organization_no IN (SELECT no FROM usage_organizations WHERE organization_id = @organization)",
        "DELETE FROM usage_organizations WHERE organization_id = @organization",
    ];

    public async Task<int> EraseUsageAsync(OrganizationId organization, Lease? lease, CancellationToken cancellationToken)
    {
        var id = ("organization", (object?)organization.Value);
        var tenants = new List<string>();
        await using (var connection = await connections.OpenAsync(cancellationToken))
            tenants.AddRange(
                await LedgerReading.ReadAsync(
                    connection,
                    "SELECT name FROM tenant_names WHERE organization_id = @organization",
                    [id],
                    reader => reader.GetString(0),
                    cancellationToken
                )
            );
        await using var write = await connections.BeginWriteAsync(lease, cancellationToken);
        var gone = 0;
        foreach (var (table, key, condition) in Ledger)
        {
            gone = await ExecuteAsync(
                write,
                $"DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {condition} LIMIT "
                    + $"{Rows.ToString(CultureInfo.InvariantCulture)})",
                [id],
                cancellationToken
            );
            if (gone > 0)
                break;
        }
        if (gone == 0)
        {
            // Nobody's readings among them: of the broker that never was, and of topics that a broker listed a moment longer.
            gone += await ExecuteAsync(write, "DELETE FROM usage_readings WHERE organization_id = @organization", [id], cancellationToken);
            foreach (var tenant in tenants)
            foreach (var prefix in new[] { $"persistent://{tenant}/", $"non-persistent://{tenant}/" })
                gone += await ExecuteAsync(
                    write,
                    "DELETE FROM usage_readings WHERE substr(partition, 1, @length) = @prefix",
                    [("length", prefix.Length), ("prefix", prefix)],
                    cancellationToken
                );
            foreach (var statement in Ends)
                gone += await ExecuteAsync(write, statement, [id], cancellationToken);
            if (gone > 0)
                await ExecuteAsync(write, "UPDATE usage_clusters SET version = version + 1", [], cancellationToken);
        }
        await write.CommitAsync(cancellationToken);
        return gone;
    }

    public async Task<int> EraseAsync(
        OrganizationId organization,
        string? customerId,
        IReadOnlyCollection<AccountId> accounts,
        Lease? lease,
        CancellationToken cancellationToken
    )
    {
        await using var context = connections.CreateDbContext();
        var (ofOrganization, ofAccount) = (OwnedRows.OfOrganization(context.Model), OwnedRows.OfAccount(context.Model));
        var id = ("organization", (object?)organization.Value);
        await using var write = await connections.BeginWriteAsync(lease, cancellationToken);
        if (
            await Sql.ScalarAsync(
                write.Connection,
                write.Transaction,
                "SELECT 1 FROM organizations WHERE id = @organization AND NOT is_sample",
                [id],
                cancellationToken
            )
            is not null
        )
            throw new InvalidOperationException($"The organization {organization} is a customer. Only the sample company is erased.");
        var gone = customerId is null ? 0 : await EraseEventsAsync(write, customerId, cancellationToken);
        foreach (var (table, condition) in ofOrganization)
            gone += await ExecuteAsync(write, $"DELETE FROM \"{table}\" WHERE {condition}", [id], cancellationToken);
        foreach (var account in accounts)
        foreach (var (table, condition) in ofAccount)
            gone += await ExecuteAsync(
                write,
                $"DELETE FROM \"{table}\" WHERE {condition}",
                [("account", account.Value)],
                cancellationToken
            );
        await write.CommitAsync(cancellationToken);
        return gone;
    }

    /// <summary>
    /// The gateway's events that speak of the customer, and the ended work on them; work that is still open counts as something left.
    /// </summary>
    private static async Task<int> EraseEventsAsync(PortalTransaction write, string customerId, CancellationToken cancellationToken)
    {
        (string, object?)[] about = [("kind", PaymentEventWork.Kind), ("customer", $"%{customerId}%")];
        var events = await ExecuteAsync(write, "DELETE FROM payment_events WHERE body LIKE @customer", [about[1]], cancellationToken);
        var work = await ExecuteAsync(
            write,
            "DELETE FROM work_items WHERE kind = @kind AND payload LIKE @customer AND state <> 'open'",
            about,
            cancellationToken
        );
        var open = await Sql.ScalarAsync(
            write.Connection,
            write.Transaction,
            "SELECT count(*) FROM work_items WHERE kind = @kind AND payload LIKE @customer",
            about,
            cancellationToken
        );
        return events + work + Convert.ToInt32(open, CultureInfo.InvariantCulture);
    }

    private static Task<int> ExecuteAsync(
        PortalTransaction write,
        string statement,
        (string, object?)[] parameters,
        CancellationToken cancellationToken
    ) => Sql.ExecuteAsync(write.Connection, write.Transaction, statement, parameters, cancellationToken);
}
