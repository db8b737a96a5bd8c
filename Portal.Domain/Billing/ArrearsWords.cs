using Portal.Domain.Access;

namespace Portal.Domain.Billing;

/// <summary>What an overdue invoice comes to, as scripts and as people read it.</summary>
public static class ArrearsWords
{
    public static string Text(this Arrears stage) =>
        stage switch
        {
            Arrears.None => "none",
            Arrears.Notice => "notice",
            Arrears.Restricted => "restricted",
            Arrears.PublishingBlocked => "publishing-blocked",
            Arrears.Suspended => "suspended",
        };

    /// <summary>What holds now, as sentences; empty where nothing is limited.</summary>
    public static string InForce(Arrears stage) =>
        stage switch
        {
            Arrears.Suspended => "The organization is suspended: clients are disconnected, and nothing can be created, changed, or sent. "
                + "Your data is kept, and nothing is charged meanwhile.",
            Arrears.PublishingBlocked => "Publishing is blocked: keys can't publish, and source connectors are stopped. "
                + "Consumers keep reading, and nothing is deleted.",
            Arrears.Restricted =>
                "Changes that can raise your bill are paused: new tenants, namespaces, topics, connectors, and Kafka copies, "
                    + "longer retention, and plan upgrades. What exists keeps working.",
            _ => "",
        };

    /// <summary>What a step does, to stand after its date.</summary>
    public static string Comes(Arrears stage) =>
        stage switch
        {
            Arrears.Suspended => "the organization is suspended",
            Arrears.PublishingBlocked => "publishing is blocked",
            _ => "changes that can raise your bill are paused",
        };
}
