using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Connectors;

/// <summary>
/// How a trial ended. Finished: a sink handed on all that it was given, or a source brought messages. Failing: it stopped or threw.
/// Unfinished: neither in time.
/// </summary>
public enum TrialEnd
{
    Finished,
    Failing,
    Unfinished,
}

/// <param name="Namespace">Where the connector is to live.</param>
/// <param name="Topic">As <c>namespace/topic</c>, whose last messages a sink is given; null for a source.</param>
/// <param name="Messages">How many of them.</param>
/// <param name="Configuration">Settings by name, secrets among them; never kept.</param>
public sealed record NewTrial(string? Namespace, ConnectorKind Kind, string? Type, string? Topic, int Messages, JsonObject Configuration)
{
    /// <summary>
    /// The connector in the namespace whose settings these are to become: secrets that they leave out are its own. Null for a new one.
    /// </summary>
    public string? Of { get; init; }
}

/// <summary>What a connector did while it was tried.</summary>
/// <param name="Sent">Messages that a sink was given.</param>
/// <param name="Acknowledged">Of those, the ones that it is done with.</param>
/// <param name="Instances">As they were at the end, in words.</param>
/// <param name="Messages">What a source brought first, oldest first.</param>
/// <param name="Remedy">What is to be made outside so that it can run; null for nothing.</param>
public sealed record ConnectorTrial(
    TrialEnd End,
    int Sent,
    int Acknowledged,
    IReadOnlyList<ConnectorInstance> Instances,
    IReadOnlyList<Message> Messages,
    SnippetGuide? Remedy
)
{
    /// <summary>The last exception in plain words; null for none.</summary>
    public string? Trouble => Instances.Select(one => one.Trouble).FirstOrDefault(said => said is not null);
}
