using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar;
using Portal.Tests.Support;
using Portal.Tests.Support.RealServers;
using Xunit;

namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

/// <summary>
/// LocalPulsar answers nothing that no real broker answered. The transcripts were recorded from real brokers
/// (<c>PORTAL_WRITE_TRANSCRIPT=1</c> with real servers records them again), and the brokers still answer so.
/// </summary>
public sealed class TranscriptTests
{
    private static readonly bool Writes = Environment.GetEnvironmentVariable("PORTAL_WRITE_TRANSCRIPT") == "1";
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Versions => [.. PulsarSetup.Versions];

    [Theory, MemberData(nameof(Versions))]
    public async Task A_real_broker_answers_as_its_transcript_says(string version)
    {
        // Both start at once.
        var servers = PulsarSetup.Versions.ToDictionary(each => each, each => PulsarServer.SharedAsync(new(each)));
        var played = await PlayAsync(await servers[version], version, Writes ? null : Recorded(version), real: true);
        if (Writes)
            await File.WriteAllTextAsync(FileOf(version), played.ToJsonString(Readable) + "\n", TestContext.Current.CancellationToken);

        Same(Differences.Between(Recorded(version), played, Differences.OfOneBroker));
    }

    [Fact]
    public async Task LocalPulsar_answers_as_the_transcript_of_its_version_says()
    {
        await using var local = await StartLocalAsync();
        var played = await PlayAsync(
            new([local.Server.AdminUrl], local.Server.WebSocketUrl, local.Server.AdminToken, local.Server.TokenPrivateKeyFile),
            LocalPulsarServer.Version,
            recorded: null,
            real: false
        );

        Same(Differences.Between(Recorded(LocalPulsarServer.Version), played, Differences.Tolerated));
    }

    [Fact]
    public async Task Every_route_of_LocalPulsar_is_in_the_transcripts()
    {
        await using var local = await StartLocalAsync();
        var routes = local.Server.Routes.Select(route => new Route(route)).ToList();
        var touched = Scenario.Steps.OfType<Call>().Select(call => Route.Of(call, routes)).OfType<Route>().ToHashSet();

        // What tests and demonstrations do to the server itself is not Pulsar's.
        Assert.DoesNotContain(routes, route => !touched.Contains(route) && !route.Pattern.StartsWith("_local/", StringComparison.Ordinal));
        Assert.NotEmpty(touched);
    }

    [Fact]
    public void Every_answer_has_a_name_of_its_own() =>
        Assert.Empty(
            Scenario.Steps.OfType<AnsweredStep>().GroupBy(step => step.Name).Where(same => same.Count() > 1).Select(same => same.Key)
        );

    private static Task<PulsarUnderTest> StartLocalAsync() => PulsarUnderTest.StartAsync(TimeSpan.FromSeconds(1));

    private static async Task<JsonArray> PlayAsync(PulsarEndpoint pulsar, string version, JsonArray? recorded, bool real)
    {
        await using var run = new TranscriptRun(pulsar, new Placeholders(version), real, recorded);
        return await run.PlayAsync(Scenario.Steps);
    }

    private static void Same(IReadOnlyList<string> differences) => Assert.True(differences.Count == 0, string.Join('\n', differences));

    private static string FileOf(string version) =>
        Path.Combine(Repository.Root, "Portal.Tests/Support/Fixtures", $"pulsar-{version}.json");

    private static JsonArray Recorded(string version) => JsonNode.Parse(File.ReadAllText(FileOf(version)))!.AsArray();

    /// <summary>A route as its router names it, <c>GET admin/v2/tenants/{tenant}</c>.</summary>
    private sealed record Route(string Text)
    {
        private readonly string[] _parts = Text[(Text.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split('/');

        public string Pattern => string.Join('/', _parts);

        /// <summary>The route that answers a call: of those that fit, the one with the most fixed parts.</summary>
        public static Route? Of(Call call, IEnumerable<Route> routes) =>
            routes.Where(route => route.Fits(call)).MaxBy(route => route._parts.Count(part => part[0] != '{'));

        private bool Fits(Call call)
        {
            var parts = (call.Path.StartsWith('/') ? call.Path : $"admin/v2/{call.Path}").Split('?')[0].Trim('/').Split('/');
            return Text.StartsWith(call.Method + " ", StringComparison.Ordinal)
                && parts.Length == _parts.Length
                && _parts.Zip(parts).All(pair => pair.First[0] == '{' || pair.First == pair.Second);
        }
    }
}
