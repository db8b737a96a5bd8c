namespace Portal.Tests.Support.Journeys;

/// <summary>
/// The scripts of <c>Portal.Tests/Journeys/Node</c>, which run what others wrote: installed once from the committed lock
/// file into <c>artifacts/node</c>. Skips the test where there is no npm.
/// </summary>
public static class NodePrograms
{
    private const int Attempts = 3;

    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    public static async Task<ChildProcess> StartAsync(string script, IReadOnlyDictionary<string, string> environment)
    {
        Assert.SkipUnless(IsThere("npm") && IsThere("node"), "no npm: install Node.js");
        return ChildProcess.Run("node", await Installed.Value, [script], environment);
    }

    /// <summary>Runs a program to its end; what it said is the failure's text.</summary>
    public static async Task RunAsync(string script, params string[] arguments)
    {
        Assert.SkipUnless(IsThere("npm") && IsThere("node"), "no npm: install Node.js");
        await using var process = ChildProcess.Run("node", await Installed.Value, [script, .. arguments]);
        using var within = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.EndedAsync(within.Token);
        Assert.True(process.ExitCode == 0, $"{script}: {process.Said}");
    }

    private static async Task<string> InstallAsync()
    {
        var target = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "node")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "Portal.Tests", "Journeys", "Node")))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)), overwrite: true);
        // A registry may stall once; what came is in npm's cache for the next try.
        for (var attempt = 1; ; attempt++)
        {
            await using var npm = ChildProcess.Run(
                "npm",
                target,
                ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-timeout=20000", "--fetch-retries=4"]
            );
            using var within = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            await npm.EndedAsync(within.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Directory.Exists(Path.Combine(target, "node_modules", "openid-client")) && npm is { HasEnded: true, ExitCode: 0 })
                return target;
            if (attempt == Attempts)
                throw new InvalidOperationException($"npm ci did not install in {Attempts} tries: {npm.Said}");
        }
    }

    private static bool IsThere(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")));
}
