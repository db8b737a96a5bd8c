namespace Portal.Domain.Common;

/// <summary>
/// Named places at which a test ends the process with -9, to show that nothing is lost and nothing happens twice.
/// Outside Development <see cref="IKillPoints.Reached"/> does nothing.
/// </summary>
public interface IKillPoints
{
    void Reached(string name);
}

/// <summary>The kill points of poll, durable work and month close. The kill test goes through all of them.</summary>
public static class KillPoint
{
    public const string PollBeforeCommit = "poll.before-commit";
    public const string PollAfterCommit = "poll.after-commit";
    public const string TenantBeforeCluster = "work.tenant.before-cluster";
    public const string TenantAfterCluster = "work.tenant.after-cluster";
    public const string NamespaceBeforeCluster = "work.namespace.before-cluster";
    public const string NamespaceBetweenPolicies = "work.namespace.between-policies";
    public const string NamespaceAfterCluster = "work.namespace.after-cluster";
    public const string TopicBeforeCluster = "work.topic.before-cluster";
    public const string TopicAfterCluster = "work.topic.after-cluster";
    public const string KeyBeforeGrant = "work.key.before-grant";
    public const string KeyAfterGrant = "work.key.after-grant";
    public const string KeyBeforeRevoke = "work.key.before-revoke";
    public const string KeyAfterRevoke = "work.key.after-revoke";
    public const string TopicBeforeDelete = "work.topic.before-delete";
    public const string TopicAfterDelete = "work.topic.after-delete";
    public const string CustomerBeforeStripe = "work.customer.before-stripe";
    public const string CustomerAfterStripe = "work.customer.after-stripe";
    public const string CloseAfterRating = "close.after-rating";
    public const string CloseBeforeDraft = "close.before-draft";
    public const string CloseAfterDraft = "close.after-draft";
    public const string CloseAfterItem = "close.after-item";
    public const string CloseAfterItems = "close.after-items";
    public const string CloseAfterCompare = "close.after-compare";
    public const string CloseAfterFinalize = "close.after-finalize";
    public const string CloseAfterPay = "close.after-pay";

    public const string SampleAfterTopics = "sample.after-topics";
    public const string SampleAfterClient = "sample.after-client";
    public const string SampleAfterUsage = "sample.after-usage";
    public const string SampleAfterClose = "sample.after-close";
    public const string SampleAfterUsageErased = "sample.after-usage-erased";
    public const string SampleAfterErase = "sample.after-erase";
    public const string SampleAfterCustomer = "sample.after-customer";

    /// <summary>Of the sample company, in the order in which they are reached.</summary>
    public static IReadOnlyList<string> OfSample { get; } =
    [
        SampleAfterTopics,
        SampleAfterClient,
        SampleAfterUsage,
        SampleAfterClose,
        SampleAfterUsageErased,
        SampleAfterErase,
        SampleAfterCustomer,
    ];

    /// <summary>What is due about an overdue invoice is done and its emails are written; that it is done is not noted yet.</summary>
    public const string DunningAfterCommit = "dunning.after-commit";

    public static IReadOnlyList<string> OfDunning { get; } = [DunningAfterCommit];

    public const string CreditNoteBeforeStripe = "credit-note.before-stripe";
    public const string CreditNoteAfterStripe = "credit-note.after-stripe";

    public static IReadOnlyList<string> OfCreditNotes { get; } = [CreditNoteBeforeStripe, CreditNoteAfterStripe];

    public const string RequestBeforeCommit = "request.before-commit";
    public const string RequestAfterCommit = "request.after-commit";
    public const string RequestBeforeAnswer = "request.before-answer";

    /// <summary>Of requests with an Idempotency-Key, whatever they make.</summary>
    public static IReadOnlyList<string> OfRequests { get; } = [RequestBeforeCommit, RequestAfterCommit, RequestBeforeAnswer];

    public static IReadOnlyList<string> All { get; } =
    [
        PollBeforeCommit,
        PollAfterCommit,
        TenantBeforeCluster,
        TenantAfterCluster,
        NamespaceBeforeCluster,
        NamespaceBetweenPolicies,
        NamespaceAfterCluster,
        TopicBeforeCluster,
        TopicAfterCluster,
        KeyBeforeGrant,
        KeyAfterGrant,
        KeyBeforeRevoke,
        KeyAfterRevoke,
        TopicBeforeDelete,
        TopicAfterDelete,
        CustomerBeforeStripe,
        CustomerAfterStripe,
        CloseAfterRating,
        CloseBeforeDraft,
        CloseAfterDraft,
        CloseAfterItem,
        CloseAfterItems,
        CloseAfterCompare,
        CloseAfterFinalize,
        CloseAfterPay,
    ];
}

public sealed class NoKillPoints : IKillPoints
{
    public void Reached(string name) { }
}
