namespace Portal.Tests.Support.RealServers;

/// <summary>A real Cassandra of one node, started with <c>cassandra.sh</c>.</summary>
public sealed class CassandraServer : IAsyncDisposable
{
    private const string Script = "cassandra.sh";

    private CassandraServer(IReadOnlyDictionary<string, string> values) =>
        (Folder, ContactPoint) = (values["CASSANDRA_DIR"], values["CASSANDRA_CONTACT_POINT"]);

    /// <summary>Data and logs; removed on disposal.</summary>
    public string Folder { get; }

    /// <summary><c>host:port</c>.</summary>
    public string ContactPoint { get; }

    /// <summary>One of the test's own. Skips the test when the script is absent.</summary>
    public static async Task<CassandraServer> StartAsync()
    {
        Assert.SkipWhen(ServerScripts.MissingReason(Script) is not null, ServerScripts.MissingReason(Script) ?? "");
        return new(
            await ServerScripts.RunAsync(Script, "start", "--dir", Directory.CreateTempSubdirectory("cassandra-").FullName, "--port", "0")
        );
    }

    /// <summary>Runs statements and returns what they print.</summary>
    public Task<string> CqlAsync(params string[] statements) => ServerScripts.OutputAsync(Script, ["cql", "--dir", Folder, .. statements]);

    public async ValueTask DisposeAsync()
    {
        await ServerScripts.RunAsync(Script, "stop", "--dir", Folder);
        Directory.Delete(Folder, recursive: true);
    }
}
