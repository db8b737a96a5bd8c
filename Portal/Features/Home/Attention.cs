using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Home;

/// <summary>Something that a person should look at, with where to.</summary>
/// <param name="Grave">Red instead of amber.</param>
public sealed record AttentionItem(bool Grave, string Title, string Detail, string Href, string Action);

/// <summary>What needs attention, worst first; only what the records say.</summary>
public static class Attention
{
    public static IReadOnlyList<AttentionItem> Of(
        Organization organization,
        Unready unready,
        DateTimeOffset now,
        IReadOnlyList<Invoice>? invoices = null,
        IReadOnlyList<Connector>? connectors = null,
        BudgetView? budget = null,
        IReadOnlyList<EndingKey>? ending = null,
        IReadOnlyList<MigrationStanding>? migrations = null,
        IReadOnlyList<ArrivedDeadLetters>? deadLetters = null
    )
    {
        var items = new List<AttentionItem>();
        var slug = organization.Slug;
        if (organization.State == OrganizationState.Suspended)
            items.Add(
                new(
                    true,
                    "This organization is suspended",
                    $"{organization.SuspendedFor}. Nothing can be created or sent until it is resumed, and nothing is charged.",
                    Links.Billing(slug),
                    "Billing"
                )
            );
        if (organization.AwaitingCardFor == organization.Plan)
            items.Add(
                new(
                    true,
                    "No payment method",
                    "Your saved card was removed at Stripe. Add a card so that your next invoice can be paid.",
                    Links.Billing(slug),
                    "Add a card"
                )
            );
        else if (organization.AwaitingCardFor is not null)
            items.Add(
                new(
                    false,
                    "Add a card to start Pay as you go",
                    "Until then, the Free plan's limits apply.",
                    Links.Billing(slug),
                    "Add a card"
                )
            );
        if (budget is { Publishing: Publishing.Blocked })
        {
            items.Add(
                new(
                    true,
                    "Publishing is blocked by your budget's hard cap",
                    $"{MoneyFormat.Text(budget.Spent)} of {MoneyFormat.Text(budget.Budget.Amount)} is spent. "
                        + "Raise the budget to publish again, or wait for the new month.",
                    Links.Billing(slug),
                    "Billing"
                )
            );
        }
        else if (budget is { Percent: >= 80 } or { IsHeadingOver: true })
        {
            items.Add(
                new(
                    budget.Percent >= 100,
                    budget.Percent >= 80
                        ? $"{budget.Percent}% of your monthly budget is spent"
                        : $"{budget.Month.Name} is on track to exceed your budget",
                    $"{MoneyFormat.Text(budget.Spent)} of {MoneyFormat.Text(budget.Budget.Amount)} so "
                        + $"far.{(budget.Publishing == Publishing.Slowed ? " The hard cap slows publishing down." : null)}",
                    Links.Billing(slug),
                    "Billing"
                )
            );
        }
        if (organization.State != OrganizationState.Suspended && organization.Arrears >= Arrears.Restricted)
            items.Add(
                new(
                    true,
                    organization.Arrears == Arrears.Restricted ? "Some changes are paused" : "Publishing is blocked",
                    $"An invoice is overdue. {ArrearsWords.InForce(organization.Arrears)}",
                    Links.Billing(slug),
                    "Pay"
                )
            );
        foreach (
            var invoice in (invoices ?? []).Where(invoice =>
                invoice is { PayBy: PayBy.Invoice, ProblemMessage: null } && invoice.IsOverdue(now)
            )
        )
            items.Add(
                new(
                    true,
                    $"Invoice {invoice.Number} is overdue",
                    $"{MoneyFormat.Text(InvoiceMoney(invoice))} was due on {DateWords.Day(invoice.DueAt!.Value.ToUniversalTime())}.",
                    Links.Billing(slug),
                    "Pay"
                )
            );
        foreach (var invoice in (invoices ?? []).Where(invoice => invoice is { Status: InvoiceStatus.Open, ProblemMessage: not null }))
            items.Add(
                new(
                    true,
                    $"Payment failed for {invoice.Number}",
                    invoice.ProblemMessage!,
                    Links.Billing(slug),
                    invoice.PayBy == PayBy.Card ? "Update card" : "Pay"
                )
            );
        foreach (var tenant in unready.Tenants)
            items.Add(Of("Tenant", tenant.Name, tenant, $"On cluster {tenant.Cluster}.", Links.Tenant(slug, tenant.Name)));
        foreach (var topic in unready.Topics)
            items.Add(Of("Topic", topic.Name, topic, topic.Address, Links.Topic(slug, topic.TenantName, topic.NamespaceName, topic.Name)));
        foreach (var connector in connectors ?? [])
        {
            var (title, detail) =
                connector.State == ResourceState.Failed
                    ? ("could not be created", connector.ProblemMessage)
                    : ("is failing", connector.Trouble);
            items.Add(
                new(
                    true,
                    $"{(connector.Kind == ConnectorKind.Function ? "Function" : "Connector")} {connector.Name} {title}",
                    detail ?? connector.FullName,
                    Links.Connector(slug, connector.TenantName, connector.NamespaceName, connector.Name),
                    "Open"
                )
            );
        }
        foreach (var (topic, bytes) in deadLetters ?? [])
        {
            items.Add(
                new(
                    false,
                    $"Dead letters arrived in {topic.Name}",
                    $"Consumers gave up on {ByteSize.Text((long)Int128.Min(bytes, long.MaxValue))} of messages in the last 24 "
                        + "hours. Look at them, then send them back or skip them.",
                    Links.Topic(slug, topic.TenantName, topic.NamespaceName, topic.Name, "messages"),
                    "Open"
                )
            );
        }
        foreach (var standing in migrations ?? [])
        {
            if (TroubleOf(standing) is not { } trouble)
                continue;
            items.Add(
                new(
                    true,
                    $"Migration {standing.Migration.Name} {trouble.Title}",
                    trouble.Detail,
                    Links.Migration(slug, standing.Migration.Id, trouble.Tab),
                    "Open"
                )
            );
        }
        foreach (var key in unready.Keys)
            items.Add(Of("Key", key.Name, key, $"{key.TenantName}/{key.NamespaceName}", Links.Tenant(slug, key.TenantName, "connect")));
        foreach (var key in ending ?? [])
        {
            var expired = key.ExpiresAt <= now;
            items.Add(
                new(
                    expired,
                    expired ? $"{key.Title} has expired" : $"{key.Title} expires {ViewerZone.Utc.Relative(key.ExpiresAt, now)}",
                    key.Where is { } place
                        ? $"In {place}. Create a new key and give it to its clients."
                        : "Rotate it and give the new one to what uses it.",
                    key.Where is { } path ? Links.Tenant(slug, path.Split('/')[0], "connect") : Links.Settings(slug, "api-keys"),
                    "Replace"
                )
            );
        }
        return [.. items.OrderByDescending(item => item.Grave)];
    }

    /// <param name="where">In place of a reason, where none is known.</param>
    private static AttentionItem Of(string kind, string name, ClusterResource resource, string where, string href) =>
        new(
            resource.State == ResourceState.Failed,
            $"{kind} {name} {(resource.State == ResourceState.Failed ? "failed" : "isn't ready yet")}",
            resource.ProblemMessage ?? where,
            href,
            "Open"
        );

    /// <summary>What a migration waits for somebody to do; null while it goes on by itself.</summary>
    private static (string Title, string Detail, string Tab)? TroubleOf(MigrationStanding standing) =>
        standing switch
        {
            { Migration.FinishedAt: not null } => null,
            { Migration.CutOver: CutOverStage.Failed } => (
                "couldn't be cut over",
                standing.Migration.CutOverProblem ?? "Open it to see why.",
                "cut-over"
            ),
            { Move: MigrationMove.Failed } => (
                "stopped copying",
                "At least one partition can't be copied. Open the copy to see why and try again.",
                "copy"
            ),
            { Migration.ProblemMessage: { } problem } => ("needs attention", problem, "inventory"),
            { Migration: { IsCuttingOver: true, CutOverProblem: { } problem } } => ("is waiting to cut over", problem, "cut-over"),
            _ => null,
        };

    private static Money InvoiceMoney(Invoice invoice) =>
        new(invoice.OwedMinor, Currency.TryParse(invoice.CurrencyCode, out var currency) ? currency : Currency.Usd);
}
