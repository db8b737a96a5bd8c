using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

public enum SampleState
{
    /// <summary>There is none.</summary>
    None,

    Creating,

    Ready,

    /// <summary>It was not made to its end: it can only be removed.</summary>
    Incomplete,

    Removing,
}

/// <summary>Whether there is a sample company, and how far the work on it is.</summary>
/// <param name="Organization">Null before it is there, and when it is gone.</param>
/// <param name="Work">The work that makes or removes it, or did so last; null for none.</param>
/// <param name="NotOffered">Why none can be made; null when one can, or is there.</param>
public sealed record SampleStanding(SampleState State, Organization? Organization, WorkItem? Work, Problem? NotOffered)
{
    /// <summary>Whoever asks is a member of it.</summary>
    public bool IsMember { get; init; }

    internal static readonly Problem.Conflict Live = new(
        "sample-live-stripe",
        "The sample company isn't available because Portal is connected to a live Stripe account. "
            + "Its invoices would charge real cards. Use a Stripe test key to explore it."
    );

    internal static async Task<SampleStanding> ReadAsync(
        IPortalSession session,
        ITestPayments payments,
        CancellationToken cancellationToken
    )
    {
        var organization = await session.Organizations.FindSampleAsync(cancellationToken);
        var make = await session.Work.FindLastAsync(SamplePlace.Line, MakeSampleWork.Kind, cancellationToken);
        var remove = await session.Work.FindLastAsync(SamplePlace.Line, RemoveSampleWork.Kind, cancellationToken);
        if (remove is { IsOpen: true })
            return new(SampleState.Removing, organization, remove, null);
        if (make is { IsOpen: true })
            return new(SampleState.Creating, organization, make, null);
        var last = make is null || remove?.Sequence > make.Sequence ? remove : make;
        if (organization is null)
            return new(SampleState.None, null, last, payments.IsLive ? Live : null);
        // Rows of ended work are cut after a week; a company without one was finished long ago.
        var isWhole = last is null or { State: WorkState.Done } && organization.State != OrganizationState.Closed;
        return new(isWhole ? SampleState.Ready : SampleState.Incomplete, organization, last, null);
    }
}
