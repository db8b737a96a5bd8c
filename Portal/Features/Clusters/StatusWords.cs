using Portal.Domain.Clusters;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Features.Clusters;

/// <summary>How clusters do, in words.</summary>
public static class StatusWords
{
    public static string Of(ClusterReach reach) =>
        reach switch
        {
            ClusterReach.Reachable => "operational",
            ClusterReach.Partly => "some brokers unreachable",
            ClusterReach.Unreachable => "unreachable",
            _ => "not checked yet",
        };

    public static string Mood(ClusterReach reach) =>
        reach switch
        {
            ClusterReach.Reachable => "good",
            ClusterReach.Partly => "warn",
            ClusterReach.Unreachable => "bad",
            _ => "",
        };

    /// <summary>What operators say of a cluster comes before what Portal saw itself.</summary>
    public static (string Words, string Mood) Of(ClusterStatus cluster) =>
        cluster.Impact is { } impact && cluster.Reach != ClusterReach.Unreachable
            ? (Of(impact), Mood(impact))
            : (Of(cluster.Reach), Mood(cluster.Reach));

    public static string Of(IncidentImpact impact) =>
        impact switch
        {
            IncidentImpact.Degraded => "degraded",
            IncidentImpact.Outage => "outage",
            IncidentImpact.Maintenance => "maintenance",
        };

    public static string Mood(IncidentImpact impact) => impact == IncidentImpact.Outage ? "bad" : "warn";

    /// <summary>How far an incident is.</summary>
    public static (string Words, string Mood) Of(Incident incident, DateTimeOffset now) =>
        incident.StageAt(now) switch
        {
            IncidentStage.Resolved => (incident.Impact == IncidentImpact.Maintenance ? "completed" : "resolved", "good"),
            IncidentStage.Scheduled => ("scheduled", ""),
            var stage => (IncidentWords.Title(stage).ToLowerInvariant(), Mood(incident.Impact)),
        };

    /// <summary>In one line: what is worst comes first.</summary>
    public static string Of(PortalStatus status)
    {
        if (status.Open.Count(incident => incident.Impact != IncidentImpact.Maintenance) is > 0 and var open)
            return $"{Counted.Of(open, "incident")} ongoing";
        if (status.Clusters.Count(cluster => cluster.Reach == ClusterReach.Unreachable) is > 0 and var away)
            return $"{Counted.Of(away, "cluster")} unreachable";
        if (status.Open.Any())
            return "Maintenance in progress";
        return status.Clusters.Any(cluster => cluster.Reach == ClusterReach.Partly)
            ? "Some brokers are unreachable"
            : "All systems operational";
    }
}
