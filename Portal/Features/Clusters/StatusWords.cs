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

    /// <summary>In one line: what is worst comes first.</summary>
    public static string Of(PortalStatus status)
    {
        if (status.Open.Count() is > 0 and var open)
            return $"{Counted.Of(open, "incident")} ongoing";
        if (status.Clusters.Count(cluster => cluster.Reach == ClusterReach.Unreachable) is > 0 and var away)
            return $"{Counted.Of(away, "cluster")} unreachable";
        return status.Clusters.Any(cluster => cluster.Reach == ClusterReach.Partly)
            ? "Some brokers are unreachable"
            : "All systems operational";
    }
}
