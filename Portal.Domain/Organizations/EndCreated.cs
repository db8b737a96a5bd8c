using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.OpenId;
using Portal.Domain.Work;

namespace Portal.Domain.Organizations;

/// <summary>Ends what an account made in one organization, up to the moment in which it was taken back from whoever else had it.</summary>
/// <param name="Email">Of the account, for the owners.</param>
/// <param name="Before">What was made later is the person's own.</param>
public sealed record EndCreatedWork(OrganizationId Organization, AccountId Account, string Email, DateTimeOffset Before) : IWorkPayload
{
    public static string Kind => "member.end-created";
}

/// <summary>In the organization's own turn and its own audit log, one organization after another. The owners are told.</summary>
public sealed class EndCreated(IPortalDatabase database, IPublicAddress address, TimeProvider clock) : IWorkStep<EndCreatedWork>
{
    private static readonly Actor Worker = Actor.Worker("account-recovery");

    public async Task<StepResult> RunAsync(EndCreatedWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var ended = await database.WriteAsync<Done>(
            Worker,
            payload.Organization,
            new(Permission.ManageMembers, "member.end-created", payload.Email),
            async session =>
            {
                if (
                    await session.Organizations.FindAsync(payload.Organization, cancellationToken)
                    is not { State: not OrganizationState.Closed } organization
                )
                    return Outcome.Done;
                await EndAsync(session, organization, payload, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
        return ended.Problem is { } problem ? StepResult.Of(problem) : StepResult.Finished;
    }

    private async Task EndAsync(
        IPortalSession session,
        Organization organization,
        EndCreatedWork payload,
        CancellationToken cancellationToken
    )
    {
        var (account, now) = (payload.Account, clock.Now());
        var keys = (await session.Keys.CreatedByAsync(organization.Id, account, cancellationToken))
            .Where(key => key.State != ResourceState.Deleting && key.CreatedAt <= payload.Before)
            .ToList();
        var apiKeys = (await session.ApiKeys.LiveAsync(organization.Id, now, cancellationToken))
            .Where(key => key.CreatedById == account && key.CreatedAt <= payload.Before)
            .ToList();
        var clients = await session.OidcClients.KnownToAsync(organization.Id, account, cancellationToken);
        foreach (var key in keys)
            session.EndKey(key, clock);
        foreach (var key in apiKeys)
            await session.EndAsync(key, keepCreated: false, now, cancellationToken);
        foreach (var client in clients)
            await session.EndSecretAsync(client, cancellationToken);
        foreach (var invitation in await session.Invitations.PendingAsync(organization.Id, now, cancellationToken))
            if (invitation.InvitedById == account && invitation.CreatedAt <= payload.Before)
                invitation.Revoke(now);
        string[] lines =
        [
            .. keys.Select(Membering.Line),
            .. apiKeys.Select(key => $"API key {key.Name}"),
            .. clients.Select(client => $"Application secret of {client.Name}"),
        ];
        if (lines.Length > 0)
            await session.TellOwnersAsync(
                organization,
                account,
                owner => MemberMails.Recovered(owner, organization, payload.Email, lines, address),
                cancellationToken
            );
    }
}

internal static class CreatedByAccount
{
    /// <summary>How many credentials the account made, was shown or gave away in its organizations.</summary>
    public static async Task<int> CountCreatedAsync(
        this IPortalSession session,
        AccountId account,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => (await session.CreatedAsync(account, now, cancellationToken)).Sum(one => one.Count);

    /// <summary>Ended organization by organization, as durable work.</summary>
    /// <returns>How many there are.</returns>
    public static async Task<int> EndCreatedAsync(
        this IPortalSession session,
        Account account,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var created = await session.CreatedAsync(account.Id, clock.Now(), cancellationToken);
        foreach (var (organization, _) in created)
            session.Work.Add(
                clock,
                new EndCreatedWork(organization, account.Id, account.Email, clock.Now()),
                new WorkPlace(Lanes.Upkeep, $"end-created:{organization}:{account.Id}", organization, account.Email, WorkPriority.TakeAway)
            );
        return created.Sum(one => one.Count);
    }

    /// <summary>Organizations without anything of the account's are left out.</summary>
    private static async Task<IReadOnlyList<(OrganizationId Organization, int Count)>> CreatedAsync(
        this IPortalSession session,
        AccountId account,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var created = new List<(OrganizationId Organization, int Count)>();
        for (string? after = null; ; )
        {
            var page = await session.Organizations.ListOfAccountAsync(
                account,
                new PageRequest(PageRequest.MaxLimit, after),
                cancellationToken
            );
            foreach (var (organization, _) in page.Items)
                if (
                    (await ListGivenByMember.FindAsync(session, organization.Id, account, null, now, cancellationToken)).Count
                    is > 0
                        and var count
                )
                    created.Add((organization.Id, count));
            if (page.Next is null)
                return created;
            after = page.Next;
        }
    }
}
