namespace Portal.Tests.Support.Journeys;

/// <summary>The system's clock, ahead of it by what a test chooses. Waits take as long as they do.</summary>
public sealed class MovedClock : TimeProvider
{
    private long _ahead;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void Move(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
