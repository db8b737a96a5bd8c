using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Common;
using Portal.Features.Operator;
using Portal.Tests.Journeys;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>The key ring, which seals every other secret, is itself encrypted with a key from the settings.</summary>
public sealed class KeyRingTests(PostgresServer postgres)
{
    private string _folder = TestDatabase.NewFolder();

    private string[] DatabaseFiles => Directory.GetFiles(_folder, "portal.db*");

    private static readonly XName Requires = XNamespace.Get("http://schemas.asp.net/2015/03/dataProtection") + "requiresEncryption";

    [Fact]
    public async Task On_SQLite_a_ring_in_clear_is_encrypted_its_key_changes_and_a_start_without_it_ends()
    {
        var clear = await WalkAsync([]);
        foreach (var file in DatabaseFiles)
            Assert.True(
                (await File.ReadAllBytesAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(clear)) < 0,
                $"{Path.GetFileName(file)} still holds the key that lay in it in clear"
            );
    }

    [Fact]
    public async Task On_PostgreSQL_a_ring_in_clear_is_encrypted_its_key_changes_and_a_start_without_it_ends()
    {
        Assert.SkipUnless(PostgresServer.MissingReason is null, PostgresServer.MissingReason ?? "");
        await WalkAsync(
            new()
            {
                ["Portal:Database:Provider"] = "PostgreSql",
                ["Portal:Database:ConnectionString"] = await postgres.NewEmptyDatabaseAsync(),
            }
        );
    }

    /// <returns>The master key that lay in the database in clear at first.</returns>
    private async Task<string> WalkAsync(Dictionary<string, string?> database)
    {
        var (first, second) = (NewKey(), NewKey());
        var keyFile = Path.Combine(_folder, "ring.key");
        await File.WriteAllBytesAsync(keyFile, Convert.FromBase64String(first));

        var kept = "";
        var clear = await StartedAsync(
            database,
            [],
            async services =>
            {
                kept = services.GetRequiredService<ISecretSeal>().Seal("test", "an admin token");
                Assert.Contains(
                    "Portal:KeyRing:Key is not set",
                    Assert.Single(services.GetServices<InstallationWarning>()).Sentence,
                    StringComparison.Ordinal
                );
                var rows = await RowsAsync(services);
                return rows.SelectMany(row => row.Descendants())
                    .First(one => (bool?)one.Attribute(Requires) == true)
                    .Descendants("value")
                    .Single()
                    .Value;
            }
        );
        var withFirst = await StartedAsync(
            database,
            new() { ["Portal:KeyRing:KeyFile"] = keyFile },
            services => OpenedAsync(services, kept)
        );
        await RefusedAsync(database, [], "Portal:KeyRing:Key is not set, but the key ring in the database is encrypted");
        await RefusedAsync(database, new() { ["Portal:KeyRing:Key"] = second }, $"encrypted with the key with the id {withFirst}");
        var withSecond = await StartedAsync(
            database,
            new() { ["Portal:KeyRing:Key"] = second, ["Portal:KeyRing:OlderKeys:0"] = first },
            services => OpenedAsync(services, kept)
        );
        Assert.NotEqual(withFirst, withSecond);
        // The older key has done its work; and a refused start made no ring of its own.
        Assert.Equal(
            withSecond,
            await StartedAsync(database, new() { ["Portal:KeyRing:Key"] = second }, services => OpenedAsync(services, kept))
        );
        return clear;
    }

    /// <returns>The id of the one key that all of the ring is encrypted with.</returns>
    private static async Task<string> OpenedAsync(IServiceProvider services, string kept)
    {
        Assert.Equal("an admin token", services.GetRequiredService<ISecretSeal>().Open("test", kept));
        Assert.Empty(services.GetServices<InstallationWarning>());
        var rows = await RowsAsync(services);
        Assert.DoesNotContain(rows.SelectMany(row => row.DescendantsAndSelf()), one => one.Attribute(Requires) is not null);
        return (string)Assert.Single(rows).Descendants("sealedKey").Single().Attribute("keyId")!;
    }

    private static async Task<List<XElement>> RowsAsync(IServiceProvider services)
    {
        await using var context = services.GetRequiredService<PortalConnections>().CreateDbContext();
        return [.. (await context.DataProtectionKeys.AsNoTracking().ToListAsync()).Select(row => XElement.Parse(row.Xml!))];
    }

    private async Task<string> StartedAsync(
        Dictionary<string, string?> database,
        Dictionary<string, string?> keys,
        Func<IServiceProvider, Task<string>> look
    )
    {
        await using var portal = new PortalHost { DataFolder = NextFolder() };
        foreach (var (name, value) in database.Concat(keys))
            portal.Settings[name] = value;
        using (portal.Browser())
            return await look(portal.Services);
    }

    private Task RefusedAsync(Dictionary<string, string?> database, Dictionary<string, string?> keys, string sentence)
    {
        var settings = database.Concat(keys).ToDictionary(one => one.Key.Replace(":", "__", StringComparison.Ordinal), one => one.Value!);
        settings["Portal__DataFolder"] = NextFolder();
        return DatabaseStartTests.EndsWithAsync(settings, sentence);
    }

    /// <summary>The database goes along; a process keeps the lock of a folder until it ends, and this one goes on.</summary>
    private string NextFolder()
    {
        var next = TestDatabase.NewFolder();
        foreach (var file in DatabaseFiles)
            File.Copy(file, Path.Combine(next, Path.GetFileName(file)));
        return _folder = next;
    }

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
}
