using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Organizations;

/// <summary>What failed, and what should be there by now and is not.</summary>
/// <param name="Topics">Without those of the tenants: they wait for them.</param>
/// <param name="Keys">Likewise.</param>
public sealed record Unready(IReadOnlyList<Tenant> Tenants, IReadOnlyList<Topic> Topics, IReadOnlyList<PulsarKey> Keys)
{
    public static Unready None { get; } = new([], [], []);
}

/// <summary>
/// Tenants, topics and keys of an organization that failed, or are not ready a minute after they were asked for; a few of each.
/// </summary>
public sealed class ListUnready(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    private const int MostOfKind = 10;

    /// <summary>A cluster needs seconds; whoever waits longer wants to know why.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public async Task<Outcome<Unready>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "organization.unready", "", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var (id, before) = (access.Organization.Id, clock.Now() - Patience);
        return await database.ReadAsync(
            async session =>
            {
                var tenants = await session.Tenants.UnreadyAsync(id, access.Scope, before, MostOfKind, cancellationToken);
                var waiting = tenants.Select(tenant => tenant.Id).ToHashSet();
                return new Unready(
                    tenants,
                    [
                        .. (await session.Topics.UnreadyAsync(id, access.Scope, before, MostOfKind, cancellationToken)).Where(topic =>
                            !waiting.Contains(topic.TenantId)
                        ),
                    ],
                    [
                        .. (await session.Keys.UnreadyAsync(id, access.Scope, before, MostOfKind, cancellationToken)).Where(key =>
                            !waiting.Contains(key.TenantId)
                        ),
                    ]
                );
            },
            cancellationToken
        );
    }
}
