using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

public sealed class SizeTests
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
    public void Program_is_a_list_of_calls() =>
        Assert.True(Repository.Lines("Portal/Program.cs").Length < 60, "Portal/Program.cs has 60 lines or more: move it to Hosting");
}
