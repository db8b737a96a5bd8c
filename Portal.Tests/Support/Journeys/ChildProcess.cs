using System.Collections.Concurrent;
using System.Diagnostics;

namespace Portal.Tests.Support.Journeys;

/// <summary>A built program of the solution run as a process of its own, with what it said kept for failures.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _said = new();

    private ChildProcess(Process process) => _process = process;

    public string Said => string.Join('\n', _said);

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <param name="project">Relative to the repository, for example <c>infra/LocalPulsar</c>; it is also the working directory.</param>
    public static ChildProcess Start(
        string project,
        string assembly,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var folder = Path.Combine(Repository.Root, project);
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        // bin/<configuration>/<framework> as the tests themselves were built.
        return Run(
            "dotnet",
            folder,
            [Path.Combine(folder, "bin", output.Parent!.Name, output.Name, $"{assembly}.dll"), .. arguments],
            environment
        );
    }

    /// <summary>Any program of the machine.</summary>
    public static ChildProcess Run(
        string program,
        string folder,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        var process = new Process { StartInfo = start };
        var child = new ChildProcess(process);
        process.OutputDataReceived += (_, line) => child.Hear(line.Data);
        process.ErrorDataReceived += (_, line) => child.Hear(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The value of a <c>NAME=value</c> line that it prints.</summary>
    public async Task<string> ValueAsync(string name)
    {
        string? found = null;
        await Eventually.TrueAsync(
            () =>
                Task.FromResult(
                    (found = _said.FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal))) is not null || HasEnded
                ),
            () => $"{name}= in: {Said}"
        );
        return found?[(name.Length + 1)..].Trim() ?? throw new InvalidOperationException($"The process ended: {Said}");
    }

    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <summary>SIGSTOP: it holds what it has and does nothing, as on a machine that swaps or a paused virtual one.</summary>
    public void Pause() => Signal("STOP");

    public void Continue() => Signal("CONT");

    public Task EndedAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        Kill();
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"kill -{name} {_process.Id} failed.");
    }

    private void Hear(string? line)
    {
        if (line is null)
            return;
        _said.Enqueue(line);
        while (_said.Count > 400)
            _said.TryDequeue(out _);
    }
}

/// <summary>Waits for what comes by itself, with a deadline instead of a sleep.</summary>
public static class Eventually
{
    public static Task TrueAsync(Func<Task<bool>> holds, string what, int seconds = 120) => TrueAsync(holds, () => what, seconds);

    public static async Task TrueAsync(Func<Task<bool>> holds, Func<string> what, int seconds = 120)
    {
        for (var until = DateTimeOffset.UtcNow.AddSeconds(seconds); !await holds(); await Task.Delay(100))
            if (DateTimeOffset.UtcNow > until)
                Assert.Fail($"Not within {seconds} s: {what()}");
    }
}
