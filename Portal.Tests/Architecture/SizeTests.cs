using System.Text.RegularExpressions;
using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

public sealed partial class SizeTests
{
    [Fact]
    public void No_file_is_too_long_to_read()
    {
        var tooLong =
            from file in new[] { "Portal", "Portal.Domain", "Portal.Tests", "infra" }.SelectMany(folder =>
                Repository.Sources(folder, ".cs", ".razor")
            )
            let most = file.EndsWith(".razor", StringComparison.Ordinal) ? 200
            : file.EndsWith(".razor.cs", StringComparison.Ordinal) ? 250
            : 400
            let lines = Repository.Lines(file).Length
            where lines > most
            select $"{file} has {lines} lines of at most {most}: split it";
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_line_is_wider_than_a_window_but_for_a_literal_that_stands_alone_in_it()
    {
        var tooWide =
            from folder in new[] { "Portal", "Portal.Domain", "Portal.Tests", "infra" }
            from file in Repository.Sources(folder, ".cs")
            where !file.Contains("/Migrations/", StringComparison.Ordinal)
            from line in TooWide(Repository.Lines(file))
            select $"{file}:{line} is wider than {Widest} columns: break it, or split its text";
        Assert.Empty(tooWide);
    }

    /// <summary>Numbers of the lines that are. Data, statements and addresses may be one literal that nobody would read in parts.</summary>
    private static IEnumerable<int> TooWide(string[] lines)
    {
        var inRawText = false;
        for (var i = 0; i < lines.Length; i++)
        {
            var opensOrCloses = lines[i].Split("\"\"\"").Length % 2 == 0;
            if (lines[i].Length > Widest && !inRawText && !opensOrCloses && !Alone().IsMatch(lines[i]))
                yield return i + 1;
            inRawText ^= opensOrCloses;
        }
    }

    private const int Widest = 140;

    [GeneratedRegex("^\\s*(\\[InlineData\\()?([+:?] )?[$@]*\"")]
    private static partial Regex Alone();

    [Fact]
    public void Program_is_a_list_of_calls() =>
        Assert.True(Repository.Lines("Portal/Program.cs").Length < 60, "Portal/Program.cs has 60 lines or more: move it to Hosting");
}
