using System.Globalization;
using CsvHelper;

namespace Portal.Features.Api;

/// <summary>
/// The one way to write CSV. Texts that a spreadsheet would run as a formula are escaped: names and subjects are words of
/// strangers. Numbers are written as numbers and stay as they are.
/// </summary>
public static class CsvFile
{
    // The full-width forms too: some spreadsheets take them for the ASCII ones.
    private static readonly CsvWriterOptions Options = new()
    {
        FormatProvider = CultureInfo.InvariantCulture, Injection = CsvInjection.Escape, InjectionCharacters = "=@+-\t\r\n＝＠＋－",
    };

    /// <param name="stream">Written as UTF-8 and left open.</param>
    public static CsvWriter On(Stream stream) => CsvWriter.Create(stream, Options, leaveOpen: true);
}
