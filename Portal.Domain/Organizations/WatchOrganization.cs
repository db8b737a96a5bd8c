using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Organizations;

/// <summary>Listens for changes of an organization, so that a page shows what is there now without asking again and again.</summary>
public sealed class WatchOrganization(AccessGuard guard, IChanges changes)
{
    /// <param name="metering">Polls of the clusters count as changes too.</param>
    /// <returns>The listener; whoever asked disposes it.</returns>
    public async Task<Outcome<IChangeListener>> RunAsync(
        Actor actor,
        string organization,
        bool metering,
        CancellationToken cancellationToken
    )
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewOrganization, "organization.watch", organization, Within: Scope.Anywhere),
            cancellationToken
        );
        return entered.TryGet(out var access, out var problem)
            ? Outcome.Of(
                changes.Listen(
                    metering
                        ? [Change.Organization(access.Organization.Id), Change.Metering]
                        : [Change.Organization(access.Organization.Id)]
                )
            )
            : problem;
    }
}

/// <summary>Listens for changes of the platform: work, metering, and what belongs to no organization.</summary>
public sealed class WatchPlatform(AccessGuard guard, IChanges changes)
{
    /// <summary>The listener; whoever asked disposes it.</summary>
    public async Task<Outcome<IChangeListener>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "platform.watch", ""), cancellationToken);
        return allowed.IsOk ? Outcome.Of(changes.Listen([Change.Work, Change.Platform, Change.Metering])) : allowed.Problem;
    }
}
