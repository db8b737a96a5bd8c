namespace Portal.Domain.Clusters;

/// <summary>Impacts and stages as scripts write them, and as people read them.</summary>
public static class IncidentWords
{
    public static string Text(this IncidentImpact impact) => impact.ToString().ToLowerInvariant();

    public static string Text(this IncidentStage stage) =>
        stage == IncidentStage.InProgress ? "in-progress" : stage.ToString().ToLowerInvariant();

    public static string Title(IncidentStage stage) => stage == IncidentStage.InProgress ? "In progress" : stage.ToString();

    /// <summary>Null for a word that none is written with.</summary>
    public static IncidentImpact? Impact(string? text) =>
        Enum.GetValues<IncidentImpact>().Where(impact => impact.Text() == text).Select(impact => (IncidentImpact?)impact).FirstOrDefault();

    /// <summary>Null for a word that none is written with.</summary>
    public static IncidentStage? Stage(string? text) =>
        Enum.GetValues<IncidentStage>().Where(stage => stage.Text() == text).Select(stage => (IncidentStage?)stage).FirstOrDefault();
}
