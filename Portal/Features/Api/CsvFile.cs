using System.Globalization;
using CsvHelper;

namespace Portal.Features.Api;

/// <summary>
/// The one way to write CSV. Texts that a spreadsheet would run as a formula are escaped: names and subjects are words of
/// strangers. Numbers are written as numbers and stay as they are.
/// </summary>
/// <param name="stream">Written as UTF-8 and left open.</param>
public sealed class CsvFile(Stream stream) : IAsyncDisposable
{
    // Some spreadsheets take these for their ASCII forms, which the library escapes.
    private const string FullWidth = "＝＋－＠";

    private static readonly CsvWriterOptions Options = new()
    {
        FormatProvider = CultureInfo.InvariantCulture,
        Injection = CsvInjection.Escape,
        InjectionCharacters = "=@+-\t\r\n",
    };

    private readonly CsvWriter _writer = CsvWriter.Create(stream, Options, leaveOpen: true);

    public void Text(string? text) =>
        _writer.WriteField(text is { Length: > 0 } && FullWidth.Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text);

    /// <summary>In UTC, ISO 8601.</summary>
    public void Instant(DateTimeOffset at) => Text(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));

    /// <summary>In UTC, to the second, as spreadsheets read a date and time.</summary>
    public void Time(DateTimeOffset at) => Text(at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));

    public void Number(decimal number) => _writer.WriteField(number);

    public ValueTask EndRecordAsync(CancellationToken cancellationToken) => _writer.EndRecordAsync(cancellationToken);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
