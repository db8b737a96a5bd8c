namespace Portal.Features.Api;

/// <summary>
/// The stable codes of problems by HTTP status, for the OpenAPI document. The file is written by <c>./dev openapi</c>
/// from the sources, and a test holds it up to date.
/// </summary>
internal static class ProblemCodes
{
    private const string Resource = "Portal.Features.Api.problem-codes.txt";

    private static readonly Lazy<ILookup<int, string>> All = new(Read);

    public static IReadOnlyList<string> Of(int status) => [.. All.Value[status]];

    private static ILookup<int, string> Read()
    {
        using var stream =
            typeof(ProblemCodes).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader
            .ReadToEnd()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToLookup(parts => int.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture), parts => parts[1]);
    }
}
