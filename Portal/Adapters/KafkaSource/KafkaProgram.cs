using System.Runtime.InteropServices;

namespace Portal.Adapters.KafkaSource;

/// <summary>What the program does when it is started as a Kafka client.</summary>
public static class KafkaProgram
{
    /// <summary>Each call may block a thread, and there are as many as partitions that are copied at once.</summary>
    private const int Threads = 64;

    public static bool IsAskedFor(string[] args) => args is [Apart.KafkaChildStart.Command];

    /// <param name="guarded">Where it may connect to unless the portal lets it go anywhere.</param>
    public static int Run(KafkaReach guarded, TimeProvider clock)
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        // Frames only: what a library prints must not get between them.
        Console.SetOut(TextWriter.Null);
        // Ctrl+C is for the portal, which closes the input when it is done.
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        WidenPipes();
        ThreadPool.SetMinThreads(Threads, Threads);
        new KafkaServing(anywhere => anywhere ? KafkaReach.Anywhere : guarded, input, output, clock).Run(KafkaMemory.Watch);
        // The portal is gone or wants no more. Clients that wait for a broker to say goodbye to hold nobody up.
        Environment.Exit(0);
        return 0;
    }

    /// <summary>A batch goes in at once, where the usual 64 KiB would have both sides take turns. Without it, it is slower.</summary>
    private static void WidenPipes()
    {
        const int setPipeSize = 1031,
            mebibyte = 1 << 20;
        if (!OperatingSystem.IsLinux())
            return;
        _ = Control(0, setPipeSize, mebibyte);
        _ = Control(1, setPipeSize, mebibyte);
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int Control(int file, int command, int argument);
}
