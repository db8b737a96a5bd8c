namespace Portal.Domain.Topics;

/// <summary>Reads a topic's counters once more before the portal deletes or unloads it, so that its last traffic is metered.</summary>
public interface IFinalReading
{
    /// <summary>Best effort: a cluster that does not answer does not hold up the deletion; what is lost is the platform's loss.</summary>
    Task TakeAsync(Topic topic, CancellationToken cancellationToken);
}
