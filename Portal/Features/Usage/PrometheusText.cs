using System.Globalization;
using System.Text;

namespace Portal.Features.Usage;

/// <summary>
/// Prometheus' text format, version 0.0.4: a family's HELP and TYPE once, then its samples. Text of strangers is escaped, so that
/// a subscription's name can't end its line.
/// </summary>
/// <param name="stream">Written as UTF-8 and left open.</param>
internal sealed class PrometheusText(Stream stream) : IAsyncDisposable
{
    private readonly StreamWriter _writer = new(stream, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true) { NewLine = "\n" };

    /// <summary>Labels as they stand between the braces; made once for what has many samples.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels) text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"").Append(Escaped(value)).Append('"');
        return text.ToString();
    }

    public async Task FamilyAsync(string name, string type, string help)
    {
        await _writer.WriteAsync($"# HELP {name} {help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\n");
        await _writer.WriteAsync($"# TYPE {name} {type}\n");
    }

    /// <param name="labels">As <see cref="Labels"/> makes them.</param>
    public async Task SampleAsync(string name, string labels, double value)
    {
        await _writer.WriteAsync(name);
        if (labels.Length > 0)
        {
            await _writer.WriteAsync('{');
            await _writer.WriteAsync(labels);
            await _writer.WriteAsync('}');
        }
        await _writer.WriteAsync(' ');
        await _writer.WriteAsync(value.ToString("R", CultureInfo.InvariantCulture));
        await _writer.WriteAsync('\n');
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static string Escaped(string value) => value.AsSpan().IndexOfAny('\\', '"', '\n') < 0
        ? value
        : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
