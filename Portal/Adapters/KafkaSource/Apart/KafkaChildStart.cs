using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>The portal's own program, once more, as a Kafka client.</summary>
internal static class KafkaChildStart
{
    /// <summary>The command that makes it one; nobody types it.</summary>
    internal const string Command = "kafka-client";

    /// <summary>What a process may know of its surroundings. The rest of the portal's may hold its own secrets.</summary>
    private static readonly string[] Kept =
    [
        "PATH",
        "HOME",
        "TMPDIR",
        "TMP",
        "TEMP",
        "LANG",
        "LC_ALL",
        "TZ",
        "SystemRoot",
        "USERPROFILE",
        "LOCALAPPDATA",
        "LD_LIBRARY_PATH",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "DOTNET_ROOT",
        "DOTNET_ROOT_X64",
        "DOTNET_ROOT_ARM64",
        "DOTNET_BUNDLE_EXTRACT_BASE_DIR",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT",
        "DOTNET_ROLL_FORWARD",
    ];

    public static ProcessStartInfo Of(long memoryBytes)
    {
        var (program, first) = Program();
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        if (first is not null)
            start.ArgumentList.Add(first);
        start.ArgumentList.Add(Command);
        var around = Kept.Select(name => (name, value: Environment.GetEnvironmentVariable(name)))
            .Where(one => one.value is not null)
            .ToList();
        start.Environment.Clear();
        foreach (var (name, value) in around)
            start.Environment[name] = value;
        // The collector's own limit, in hexadecimal; the other half is for the native client. A server's collector would take a heap for
        // each core.
        start.Environment["DOTNET_GCHeapHardLimit"] = (memoryBytes / 2).ToString("X", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        // Nobody debugs it, and nobody dumps what it holds.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        // It lives for minutes: what is compiled once and fast does.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return start;
    }

    /// <summary>As the portal runs now: its own executable, or <c>dotnet Portal.dll</c>, also where a test or the bench hosts it.</summary>
    private static (string Program, string? First) Program()
    {
        var name = typeof(KafkaChildStart).Assembly.GetName().Name!;
        var running = Environment.ProcessPath;
        if (Is(running, name))
            return (running!, null);
        var library = Path.Combine(AppContext.BaseDirectory, $"{name}.dll");
        if (Is(running, "dotnet"))
            return (running!, library);
        var beside = Path.GetFullPath(
            Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")
        );
        return (File.Exists(beside) ? beside : "dotnet", library);
    }

    /// <summary>Not by what stands before the last dot: <c>Portal.Tests</c> is no <c>Portal</c>.</summary>
    private static bool Is(string? program, string name) =>
        Path.GetFileName(program) is { } file && (file == name || OperatingSystem.IsWindows() && file == $"{name}.exe");
}
