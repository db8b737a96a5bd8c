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
        ThreadPool.SetMinThreads(Threads, Threads);
        new KafkaServing(anywhere => anywhere ? KafkaReach.Anywhere : guarded, input, output, clock).Run(KafkaMemory.Watch);
        // The portal is gone or wants no more. Clients that wait for a broker to say goodbye to hold nobody up.
        Environment.Exit(0);
        return 0;
    }
}
