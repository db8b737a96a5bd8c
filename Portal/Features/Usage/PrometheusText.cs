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
    private const int Part = 32 * 1024;

    private readonly StreamWriter _writer = new(stream, new UTF8Encoding(false), bufferSize: Part, leaveOpen: true);

    // Lines are short and many: one wait for a part of them, not one for each.
    private readonly StringBuilder _lines = new(2 * Part);

    /// <summary>Labels as they stand between the braces; made once for what has many samples.</summary>
    public static string Labels(params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"").Append(Escaped(value)).Append('"');
        return text.ToString();
    }

    public ValueTask FamilyAsync(string name, string type, string help)
    {
        _lines
            .Append("# HELP ")
            .Append(name)
            .Append(' ')
            .Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
            .Append('\n');
        _lines.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return AddedAsync();
    }

    /// <param name="labels">As <see cref="Labels"/> makes them.</param>
    public ValueTask SampleAsync(string name, string labels, double value)
    {
        _lines.Append(name);
        if (labels.Length > 0)
            _lines.Append('{').Append(labels).Append('}');
        _lines.Append(' ').Append(CultureInfo.InvariantCulture, $"{value:R}").Append('\n');
        return AddedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await WriteAsync();
        await _writer.DisposeAsync();
    }

    private ValueTask AddedAsync() => _lines.Length < Part ? ValueTask.CompletedTask : new(WriteAsync());

    private async Task WriteAsync()
    {
        foreach (var chunk in _lines.GetChunks())
            await _writer.WriteAsync(chunk);
        _lines.Clear();
    }

    private static string Escaped(string value) =>
        value.AsSpan().IndexOfAny('\\', '"', '\n') < 0
            ? value
            : value
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
}
