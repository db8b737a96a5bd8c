using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

/// <summary>What to look at when no message of a client arrives: what is known comes first.</summary>
public static class ClientChecks
{
    private const int Named = 3;

    /// <param name="live">Null while it is not known who is connected.</param>
    /// <param name="keys">That may produce to the topic; null where that is not known.</param>
    /// <param name="server">Where clients connect to; null where that is not known.</param>
    public static IReadOnlyList<string> Of(Topic topic, TopicStats? live, IReadOnlyList<string>? keys, string? server)
    {
        var checks = new List<string>();
        if (live is { ConnectedProducers: [] })
            checks.Add("No producer of yours is connected to this topic. Look for an error in your client's log.");
        else if (live is { ConnectedProducers: { } producers })
            checks.Add(
                $"{(producers.Count == 1 ? "This producer is" : $"{Counted.Of(producers.Count, "producer")} are")} connected and "
                    + $"{(producers.Count == 1 ? "hasn't" : "haven't")} sent anything yet: "
                    + $"{Some([.. producers.Select(one => one.Name)])}."
            );
        checks.Add(
            keys switch
            {
                null => "The key: it has to be active and allowed to produce to this topic.",
                [] => "The key: none of your keys may produce to this topic yet.",
                _ => $"The key: use one that may produce to this topic ({Some(keys)}).",
            }
        );
        checks.Add(
            server is null
                ? $"The cluster: your client has to connect to {topic.Cluster}."
                : $"The cluster: your client has to connect to {server}."
        );
        checks.Add($"The topic name: your client has to send to {topic.Address}.");
        return checks;
    }

    private static string Some(IReadOnlyList<string> names) =>
        names.Count <= Named ? string.Join(", ", names) : $"{string.Join(", ", names.Take(Named))}, and {names.Count - Named} more";
}
