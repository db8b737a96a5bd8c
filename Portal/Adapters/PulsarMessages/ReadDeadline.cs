using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

/// <summary>
/// When a read gives up. A first message that is still arriving may take longer: a page without any would begin at the
/// same place again, and a large message on a slow line could never be read.
/// </summary>
internal sealed class ReadDeadline(TimeProvider clock)
{
    private static readonly TimeSpan FirstMessage = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(5);

    private readonly long _began = clock.GetTimestamp();
    private long _arrived = clock.GetTimestamp();
    private int _messages;

    /// <summary>Bytes came in.</summary>
    public void Arrived() => Volatile.Write(ref _arrived, clock.GetTimestamp());

    /// <summary>A message is whole.</summary>
    public void Received() => Interlocked.Increment(ref _messages);

    /// <summary>Until the next time to look; zero or less when the read is over.</summary>
    public TimeSpan Left
    {
        get
        {
            var elapsed = clock.GetElapsedTime(_began);
            var left = MessagesRead.Patience - elapsed;
            if (left > TimeSpan.Zero || Volatile.Read(ref _messages) > 0)
                return left;
            var moving = Stalled - clock.GetElapsedTime(Volatile.Read(ref _arrived));
            var first = FirstMessage - elapsed;
            return moving < first ? moving : first;
        }
    }
}
