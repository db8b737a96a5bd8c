using Portal.Domain.Work;

namespace Portal.Features.Operator;

/// <summary>Durable work as operators read it: what is being done, instead of the name of its step.</summary>
public static class WorkWords
{
    /// <summary>By kind; {0} is what it is about.</summary>
    private static readonly Dictionary<string, string> Known = new()
    {
        ["audit.cut"] = "Remove audit entries past their retention",
        ["budgets.check"] = "Compare costs with budgets",
        ["closes.start"] = "Close billing periods that are due",
        ["cluster.reconcile"] = "Compare cluster {0} with what should be on it",
        ["connector.apply"] = "Deploy connector {0}",
        ["connector.delete"] = "Delete connector {0}",
        ["package.delete"] = "Delete package {0}",
        ["connectors.look"] = "Check connectors on {0}",
        ["corrections.reconcile"] = "Compare credit notes and refunds with Stripe",
        ["credit-note.issue"] = "Issue credit note {0}",
        ["customer.create"] = "Create Stripe customer for {0}",
        ["disputes.reconcile"] = "Compare disputes with Stripe",
        ["dunning.check"] = "Look for overdue invoices",
        ["dunning.look"] = "Follow up on overdue invoices of {0}",
        ["email.send"] = "Send email {0}",
        ["function.sweep-preview"] = "Clean up after a preview in {0}",
        ["grant.take"] = "Take a key's access to {0}",
        ["invoice.look"] = "Read invoice {0} from Stripe",
        ["invoice.pay"] = "Charge invoice {0}",
        ["invoice.settle"] = "Settle invoice {0}",
        ["invoices.reconcile"] = "Compare open invoices with Stripe",
        ["key.restrict"] = "Change access of key {0}",
        ["key.revoke"] = "Revoke key {0}",
        ["keys.end"] = "End keys that have expired",
        ["keys.grant"] = "Grant keys access to {0}",
        ["keys.warn"] = "Warn of keys that expire soon",
        ["member.end-created"] = "End what a former member handed out in {0}",
        ["messages.send-back"] = "Send dead letters of {0} back",
        ["migration.back"] = "Copy back to Kafka: {0}",
        ["migration.copy"] = "Copy from Kafka: {0}",
        ["migration.cut-over"] = "Cut over migration {0}",
        ["migration.group-back"] = "Set {0}",
        ["migration.inventory"] = "Take inventory of {0}",
        ["migration.map"] = "Map topics of {0}",
        ["migration.prove"] = "Verify {0}",
        ["migration.subscribe"] = "Create subscription for group {0}",
        ["migration.watch"] = "Watch clients move: {0}",
        ["month-close"] = "Close {0}",
        ["namespace.apply-policies"] = "Apply policies of {0}",
        ["namespace.create"] = "Create namespace {0}",
        ["namespace.delete"] = "Delete namespace {0}",
        ["namespace.remove"] = "Remove namespace {0} from the cluster",
        ["notices.cut"] = "Remove old notifications",
        ["organization.apply-limits"] = "Apply limits of {0}",
        ["payment-event.handle"] = "Handle Stripe event {0}",
        ["payment-events.cut"] = "Remove old Stripe events",
        ["period.close"] = "Close billing period of {0}",
        ["plan.apply"] = "Apply plan {0}",
        ["sample.make"] = "Create sample company",
        ["sample.remove"] = "Remove sample company",
        ["tax-id.send"] = "Send tax ID {0} to Stripe",
        ["tenant.create"] = "Create tenant {0}",
        ["tenant.delete"] = "Delete tenant {0}",
        ["tenant.remove"] = "Remove tenant {0} from the cluster",
        ["topic.create"] = "Create topic {0}",
        ["topic.delete"] = "Delete topic {0}",
        ["usage.cut"] = "Roll up old usage",
        ["work.cut"] = "Remove finished work",
    };

    public static bool Knows(string kind) => Known.ContainsKey(kind);

    public static string Of(WorkItem item) => Of(item.Kind, item.Subject);

    public static string Of(string kind, string subject) =>
        Known.TryGetValue(kind, out var words) ? words.Replace("{0}", subject, StringComparison.Ordinal) : $"{kind} {subject}";
}
