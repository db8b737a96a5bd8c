using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>Takes away a grant that the reconciler found and that should not be there; asked again right before.</summary>
public sealed class TakeGrant(IPortalDatabase database, IGrantAdmin grants) : IWorkStep<TakeGrantWork>
{
    public async Task<StepResult> RunAsync(TakeGrantWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (key, @namespace, topic, granted, suspended) = await database.ReadAsync<(PulsarKey?, Namespace?, Topic?, bool, bool)>(
            async session =>
            {
                if (await session.Keys.FindAsync(payload.Key, cancellationToken) is not { } found)
                    return (null, null, null, false, false);
                var inside = await session.Tenants.FindNamespaceAsync(found.NamespaceId, cancellationToken);
                Topic? on = null;
                if (payload.Address is { } address)
                    await foreach (var candidate in session.AllTopicsAsync(found.NamespaceId, cancellationToken))
                        if (candidate.Address == address)
                            on = candidate;
                var listed =
                    on is not null && (await session.Keys.GrantsAsync(found.Id, cancellationToken)).Any(grant => grant.TopicId == on.Id);
                return (
                    found,
                    inside,
                    on,
                    listed,
                    (await session.Organizations.FindAsync(found.OrganizationId, cancellationToken))?.State == OrganizationState.Suspended
                );
            },
            cancellationToken
        );
        if (key is null || @namespace is null or { State: ResourceState.Deleted })
            return StepResult.Finished;
        var mayStay = key.IsWanted && !suspended && (payload.Address is null ? key.Patterns : granted);
        if (mayStay || payload.Address is not null && topic is null)
            return StepResult.Finished;
        var taken = topic is null
            ? await grants.RevokeAsync(@namespace.OnCluster, key.Role, cancellationToken)
            : await grants.RevokeAsync(topic.OnCluster, key.Role, cancellationToken);
        return taken.IsOk || taken.Problem is Problem.NotFound ? StepResult.Finished : StepResult.Of(taken.Problem);
    }
}
