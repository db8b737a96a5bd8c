using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// What is refused while an invoice has been overdue for longer, and while a hard cap blocks publishing: changes that can raise the bill.
/// Those that always can
/// are in this list and stop at the guard; those that can go either way ask <see cref="Refuse"/> when they go up: longer or
/// larger retention, a larger backlog quota, more connector instances, a plan with charges. Everything else goes on:
/// reading, deleting, lowering, keys, members, and paying.
/// </summary>
public static class CostlyChanges
{
    private static readonly HashSet<string> Operations = new(StringComparer.Ordinal)
    {
        "tenant.create",
        "namespace.create",
        "topic.create",
        "connector.create",
        "connector.start",
        "connector.try",
        "function.create",
        "function.start",
        "migration.copy.start",
        "migration.groups.move",
    };

    private static readonly Problem.PaymentRequired Overdue = new(
        "payment-overdue",
        "An invoice is overdue, so changes that can raise your bill are paused: "
            + "new tenants, namespaces, topics, connectors, and Kafka copies, longer retention, and plan upgrades. "
            + "Pay it on the Billing page, and they work again right away."
    );

    /// <summary>
    /// Publishing is blocked, and what exists goes on costing: partitions, stored data, running sinks. It is not to become more.
    /// </summary>
    private static readonly Problem.PaymentRequired Capped = new(
        "budget-reached",
        "This month's budget is used up and its hard cap is in force, so changes that can raise your bill are paused: "
            + "new tenants, namespaces, topics, connectors, and Kafka copies, longer retention, and plan upgrades. "
            + "To make them now, raise the budget on the Billing page."
    );

    internal static Problem? Refuse(Organization organization, Operation operation) =>
        Operations.Contains(operation.Name) ? Refuse(organization) : null;

    /// <summary>For a change that was found to raise the bill; null when it may be made.</summary>
    public static Problem? Refuse(Organization organization) =>
        organization.Arrears >= Arrears.Restricted ? Overdue
        : organization.Capped == Publishing.Blocked ? Capped
        : null;
}
