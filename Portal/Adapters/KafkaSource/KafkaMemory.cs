using System.Globalization;
using System.Runtime.InteropServices;
using Portal.Adapters.KafkaSource.Apart;

namespace Portal.Adapters.KafkaSource;

/// <summary>
/// The limit of the process of a Kafka client, looked at from inside. The portal looks too, but a batch that inflates is
/// gigabytes within the quarter of a second between two of its looks.
/// </summary>
internal static class KafkaMemory
{
    private const int Milliseconds = 20;

    /// <summary>Ends the process when it takes more.</summary>
    public static void Watch(long bytes)
    {
        // Elsewhere there is no file that tells at once; the portal's look has to do.
        if (!OperatingSystem.IsLinux())
            return;
        new Thread(() =>
        {
            using var file = new FileStream("/proc/self/statm", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            using var never = new ManualResetEventSlim();
            Span<byte> text = stackalloc byte[128];
            while (true)
            {
                file.Position = 0;
                if (Resident(text[..file.Read(text)]) > bytes)
                    End();
                never.Wait(Milliseconds);
            }
        })
        {
            IsBackground = true,
            Priority = ThreadPriority.Highest,
            Name = "Memory",
        }.Start();
    }

    /// <summary>At once: nothing is tidied up, and nothing waits for a client that allocates.</summary>
    public static void End()
    {
        if (!OperatingSystem.IsWindows())
            EndNow(KafkaChildProcess.ExitOfMemory);
        Environment.Exit(KafkaChildProcess.ExitOfMemory);
    }

    /// <summary>The second number is of pages.</summary>
    private static long Resident(ReadOnlySpan<byte> text)
    {
        text = text[(text.IndexOf((byte)' ') + 1)..];
        return long.Parse(text[..text.IndexOf((byte)' ')], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void EndNow(int code);
}
