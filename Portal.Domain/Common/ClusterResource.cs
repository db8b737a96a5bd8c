namespace Portal.Domain.Common;

/// <summary>
/// The one life cycle of what lives on a cluster: creating → ready → deleting → deleted. A creation that is refused is
/// failed and may be tried again; a deletion that is refused leads back to where the thing was, with the reason.
/// </summary>
public abstract class ClusterResource
{
    public ResourceState State { get; protected set; }

    /// <summary>Why it failed, why it is not done yet, or why it was not deleted; null when all is well.</summary>
    public string? ProblemMessage { get; protected set; }

    public string? ProblemCode { get; protected set; }

    /// <summary>When it was first there on the cluster; null before.</summary>
    public DateTimeOffset? ReadyAt { get; protected set; }

    public DateTimeOffset? DeletedAt { get; protected set; }

    /// <summary>It is on its way up or there; nothing is being taken away.</summary>
    public bool IsWanted => State is ResourceState.Creating or ResourceState.Ready;

    public void Ready(DateTimeOffset at)
    {
        ReadyAt ??= at;
        (State, ProblemMessage, ProblemCode) = (ResourceState.Ready, null, null);
    }

    public void Fail(Problem problem) => (State, ProblemMessage, ProblemCode) = (ResourceState.Failed, problem.Message, problem.Code);

    /// <summary>Says why it is not done yet, while it is on its way.</summary>
    public void Wait(Problem problem)
    {
        if (State is ResourceState.Creating or ResourceState.Deleting)
            (ProblemMessage, ProblemCode) = (problem.Message, problem.Code);
    }

    /// <summary>A failed creation begins again.</summary>
    public void Retry() => (State, ProblemMessage, ProblemCode) = (ResourceState.Creating, null, null);

    public virtual void Delete(DateTimeOffset at) => (State, ProblemMessage, ProblemCode) = (ResourceState.Deleting, null, null);

    /// <summary>The deletion was refused: back to where it was, with the reason.</summary>
    public virtual void Keep(Problem problem)
    {
        if (State == ResourceState.Deleting)
            (State, ProblemMessage, ProblemCode) = (
                ReadyAt is null ? ResourceState.Failed : ResourceState.Ready,
                problem.Message,
                problem.Code
            );
    }

    public void Deleted(DateTimeOffset at) => (State, DeletedAt, ProblemMessage, ProblemCode) = (ResourceState.Deleted, at, null, null);
}
