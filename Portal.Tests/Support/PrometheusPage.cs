using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Portal.Tests.Support;

/// <summary>One line of a page of metrics.</summary>
public sealed record PrometheusSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    public string this[string label] => Labels.GetValueOrDefault(label, "");
}

/// <summary>
/// A reader of Prometheus' text format 0.0.4, written from its description and as strict as it: what a scraper would refuse or
/// take for something else is an exception here.
/// </summary>
public sealed partial class PrometheusPage
{
    private readonly List<PrometheusSample> _samples = [];

    public Dictionary<string, string> Types { get; } = [];

    public Dictionary<string, string> Help { get; } = [];

    public IReadOnlyList<PrometheusSample> Samples => _samples;

    public IEnumerable<PrometheusSample> Of(string name) => _samples.Where(one => one.Name == name);

    /// <summary>The one value of a name under these labels, of which there may be more.</summary>
    public double Value(string name, params (string Label, string Value)[] labels) =>
        Of(name).Single(one => labels.All(label => one[label.Label] == label.Value)).Value;

    /// <param name="lenient">For pages of brokers, which say the type of a family more than once or not at all, and pass on names that
    /// break a line.</param>
    public static PrometheusPage Parse(string text, bool lenient = false)
    {
        var page = new PrometheusPage();
        if (text.Length > 0 && text[^1] != '\n')
            throw new FormatException("The last line has to end with a line feed.");
        var (seen, closed, current) = (new HashSet<string>(), new HashSet<string>(), "");
        foreach (var line in text.Split('\n')[..^1])
        {
            if (line.Contains('\r', StringComparison.Ordinal))
                throw new FormatException($"A carriage return: {line}");
            if (line.Length == 0)
                continue;
            if (
                line.StartsWith("# ", StringComparison.Ordinal)
                && line.Split(' ', 4) is ["#", ("HELP" or "TYPE") and var kind, var about, ..] parts
            )
            {
                if (!lenient && !(kind == "HELP" ? page.Help : page.Types).TryAdd(about, parts.ElementAtOrDefault(3) ?? ""))
                    throw new FormatException($"{kind} of {about} comes twice.");
                if (!lenient && kind == "TYPE" && parts[3] is not ("counter" or "gauge" or "histogram" or "summary" or "untyped"))
                    throw new FormatException($"No type: {line}");
                Enter(about);
                continue;
            }
            if (line[0] == '#')
                continue;
            PrometheusSample sample;
            try
            {
                sample = Sample(line);
            }
            catch (FormatException) when (lenient)
            {
                // Pulsar 4.0 writes names of subscriptions into labels as they are.
                continue;
            }
            Enter(sample.Name);
            if (!lenient && !page.Types.ContainsKey(sample.Name))
                throw new FormatException($"{sample.Name} has no type before its samples.");
            var identity =
                $"{sample.Name}{{{string.Join(',', sample.Labels.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"))}}}";
            if (!lenient && !seen.Add(identity))
                throw new FormatException($"{identity} comes twice.");
            page._samples.Add(sample);
        }
        return page;

        void Enter(string name)
        {
            if (name == current || lenient)
                return;
            if (!closed.Add(name))
                throw new FormatException($"The lines of {name} do not stand together.");
            current = name;
        }
    }

    private static PrometheusSample Sample(string line)
    {
        var at = 0;
        var name = Word(line, ref at, MetricName());
        Dictionary<string, string> labels = [];
        if (at < line.Length && line[at] == '{')
        {
            at++;
            while (line[at] != '}')
            {
                var label = Word(line, ref at, LabelName());
                if (line[at++] != '=' || line[at++] != '"')
                    throw new FormatException($"No label at {at}: {line}");
                if (!labels.TryAdd(label, Quoted(line, ref at)))
                    throw new FormatException($"{label} comes twice: {line}");
                if (line[at] == ',')
                {
                    // The format allows blanks between its parts.
                    for (at++; line[at] == ' '; )
                        at++;
                }
                else if (line[at] != '}')
                    throw new FormatException($"Neither comma nor brace at {at}: {line}");
            }
            at++;
        }
        if (line[at] != ' ')
            throw new FormatException($"No space before the value: {line}");
        var value = line[(at + 1)..].Split(' ')[0];
        return new(
            name,
            labels,
            value switch
            {
                "+Inf" => double.PositiveInfinity,
                "-Inf" => double.NegativeInfinity,
                "NaN" => double.NaN,
                _ => double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture),
            }
        );
    }

    private static string Word(string line, ref int at, Regex form)
    {
        var match = form.Match(line, at);
        if (!match.Success || match.Index != at)
            throw new FormatException($"No name at {at}: {line}");
        at += match.Length;
        return match.Value;
    }

    private static string Quoted(string line, ref int at)
    {
        var text = new StringBuilder();
        for (; line[at] != '"'; at++)
        {
            if (line[at] != '\\')
            {
                text.Append(line[at]);
                continue;
            }
            text.Append(
                line[++at] switch
                {
                    'n' => '\n',
                    '"' => '"',
                    '\\' => '\\',
                    var other => throw new FormatException($"\\{other} is no escape: {line}"),
                }
            );
        }
        at++;
        return text.ToString();
    }

    [GeneratedRegex("[a-zA-Z_:][a-zA-Z0-9_:]*")]
    private static partial Regex MetricName();

    [GeneratedRegex("[a-zA-Z_][a-zA-Z0-9_]*")]
    private static partial Regex LabelName();
}
