using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

/// <summary>A difference between LocalPulsar and the transcript that is accepted.</summary>
/// <param name="Step">Regular expression of the steps' names.</param>
/// <param name="Path">Regular expression of the place in the answer, such as <c>answer.subscriptions.billing.type</c>.</param>
/// <param name="Varies">The same broker answers sometimes so and sometimes otherwise.</param>
internal sealed record Tolerance(string Step, string Path, bool Missing, string Reason, bool Varies = false);

/// <summary>Compares what was played with what was recorded, step by step, field by field.</summary>
internal static partial class Differences
{
    /// <summary>Where one broker answers otherwise from one time to the next.</summary>
    public static IReadOnlyList<Tolerance> OfOneBroker { get; } =
    [
        new(
            "a topic in the statistics of the broker",
            @".*numberOfEntriesSinceFirstNotAckedMessage",
            Missing: false,
            "Counts what the broker read ahead by then.",
            Varies: true
        ),
    ];

    /// <returns>A line for each difference, and for each tolerance that nothing needed.</returns>
    public static IReadOnlyList<string> Between(JsonArray recorded, JsonArray played, IReadOnlyList<Tolerance> tolerated)
    {
        var lines = new List<string>();
        var used = new HashSet<Tolerance>();
        var answers = played.ToDictionary(entry => (string)entry!["step"]!, entry => entry!);
        foreach (var entry in recorded)
        {
            var step = (string)entry!["step"]!;
            if (answers.Remove(step, out var answer))
                Compare(entry, answer, "", (path, missing, line) => Note(step, path, missing, line));
            else
                lines.Add($"{step}: recorded and no longer played");
        }
        lines.AddRange(answers.Keys.Select(step => $"{step}: not recorded yet (PORTAL_WRITE_TRANSCRIPT=1)"));
        lines.AddRange(
            tolerated
                .Where(tolerance => !tolerance.Varies && !used.Contains(tolerance))
                .Select(tolerance => $"no longer a difference: {tolerance}")
        );
        return lines;

        void Note(string step, string path, bool missing, string line)
        {
            var reason = tolerated.FirstOrDefault(one =>
                one.Missing == missing && Regex.IsMatch(step, $"^(?:{one.Step})$") && Regex.IsMatch(path, $"^(?:{one.Path})$")
            );
            if (reason is null)
                lines.Add($"{step}: {path}: {line}");
            else
                used.Add(reason);
        }
    }

    /// <returns>A line for each difference between one step's answers.</returns>
    public static IReadOnlyList<string> Between(JsonNode recorded, JsonNode played)
    {
        var lines = new List<string>();
        Compare(recorded, played, "", (path, _, line) => lines.Add($"{path}: {line}"));
        return lines;
    }

    private static void Compare(JsonNode? recorded, JsonNode? played, string path, Action<string, bool, string> note)
    {
        switch (recorded, played)
        {
            case (JsonObject there, JsonObject here):
                foreach (var (name, value) in there)
                {
                    if (here.TryGetPropertyValue(name, out var found))
                        Compare(value, found, Below(path, name), note);
                    else
                        note(Below(path, name), true, $"is missing; recorded {Short(value)}");
                }
                foreach (var (name, value) in here)
                    if (!there.ContainsKey(name))
                        note(Below(path, name), false, $"is invented: {Short(value)}");
                break;
            case (JsonArray there, JsonArray here) when there.Count == here.Count:
                for (var i = 0; i < there.Count; i++)
                    Compare(there[i], here[i], $"{path}[{i}]", note);
                break;
            default:
                if (!JsonNode.DeepEquals(recorded, played))
                    note(path, false, $"recorded {Short(recorded)}, answered {Short(played)}");
                break;
        }
    }

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Short(JsonNode? node) =>
        node?.ToJsonString() is { Length: > 600 } text ? text[..600] + "…" : node?.ToJsonString() ?? "null";
}
