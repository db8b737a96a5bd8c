namespace Portal.Domain.Clusters;

/// <summary>What separates functions on a cluster from each other and from the worker that runs them.</summary>
public enum Isolation
{
    None,
    Processes,
    Kubernetes,
}

public static class IsolationWords
{
    public static string Text(this Isolation isolation) =>
        isolation switch
        {
            Isolation.Processes => "processes",
            Isolation.Kubernetes => "kubernetes",
            _ => "none",
        };

    public static bool TryIsolation(string? text, out Isolation isolation)
    {
        isolation = text switch
        {
            "processes" => Isolation.Processes,
            "kubernetes" => Isolation.Kubernetes,
            _ => Isolation.None,
        };
        return isolation.Text() == text;
    }

    public static bool IsPlatform(string? text) => text is "amd64" or "arm64";
}
