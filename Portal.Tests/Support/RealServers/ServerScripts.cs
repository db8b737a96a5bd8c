using System.Diagnostics;

namespace Portal.Tests.Support.RealServers;

/// <summary>
/// The folder with the scripts that start real servers: <c>PORTAL_SERVERS</c>, or <c>../shared/servers</c> beside the
/// repository. A test whose script is absent is skipped with a reason.
/// </summary>
public static class ServerScripts
{
    public static string Folder =>
        Environment.GetEnvironmentVariable("PORTAL_SERVERS") is { Length: > 0 } folder
            ? Path.GetFullPath(folder, RepositoryRoot)
            : Path.GetFullPath("../shared/servers", RepositoryRoot);

    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Why a script cannot be run here, or null when it can.</summary>
    public static string? MissingReason(string script) =>
        OperatingSystem.IsWindows() ? $"{script} needs bash"
        : File.Exists(Path.Combine(Folder, script)) ? null
        : $"no {script} in {Folder}: set PORTAL_SERVERS to the folder with the server scripts";

    /// <summary>Runs a script to its end and returns the <c>NAME=value</c> lines that it printed.</summary>
    /// <exception cref="InvalidOperationException">The script failed; the message holds what it wrote to standard error.</exception>
    public static Task<IReadOnlyDictionary<string, string>> RunAsync(string script, params string[] arguments) =>
        RunAsync(script, new Dictionary<string, string>(), arguments);

    /// <param name="environment">What the script finds in its environment beside what is in ours.</param>
    /// <exception cref="InvalidOperationException">As of the other.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        string script,
        IReadOnlyDictionary<string, string> environment,
        params string[] arguments
    ) =>
        (await OutputAsync(script, environment, arguments))
            .Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1].Trim());

    /// <summary>Runs a script to its end and returns all that it printed.</summary>
    /// <exception cref="InvalidOperationException">The script failed; the message holds what it wrote to standard error.</exception>
    public static Task<string> OutputAsync(string script, params string[] arguments) =>
        OutputAsync(script, new Dictionary<string, string>(), arguments);

    private static async Task<string> OutputAsync(string script, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Folder, script)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{script} {string.Join(' ', arguments)} did not end within three minutes.");
        }
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{script} {string.Join(' ', arguments)}: {await errors}{await output}");
        return await output;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Portal.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? Directory.GetCurrentDirectory();
    }
}
