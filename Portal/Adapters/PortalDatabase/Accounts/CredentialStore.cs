using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.OpenId;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Over the stores of each kind of credential.</summary>
internal sealed class CredentialStore(IPortalSession session) : ICredentialStore
{
    public async Task<bool> IsLiveAsync(Actor actor, DateTimeOffset now, CancellationToken cancellationToken) =>
        (
            actor.Session is not { } signIn
            || actor.AccountId is not { } person
            || await session.Sessions.FindAsync(person, signIn, now, cancellationToken) is not null
        )
        && (actor.ApiKey is not { } key || await FindAsync(actor, key, cancellationToken) is { } found && found.IsLive(now))
        && (actor.Client is not { } client || await IsLiveAsync(actor, client, cancellationToken))
        && (
            !actor.IsOperator
            || actor.AccountId is not { } account
            || await session.Accounts.FindAsync(account, cancellationToken) is not { Account.IsOperator: false }
        );

    private Task<ApiKey?> FindAsync(Actor actor, ApiKeyId key, CancellationToken cancellationToken) =>
        actor.Grant is { } grant ? session.ApiKeys.FindAsync(grant.Organization, key, cancellationToken)
        : actor.AccountId is { } account ? session.ApiKeys.FindAsync(account, key, cancellationToken)
        : Task.FromResult<ApiKey?>(null);

    private async Task<bool> IsLiveAsync(Actor actor, OidcClientId id, CancellationToken cancellationToken) =>
        await session.OidcClients.FindAsync(id, cancellationToken) is { } client
        && (actor.Grant is null || client is { ActsAlone: true, SecretKnownTo: not null })
        && actor.Bounds?.Except(OidcScopes.RolesOf(client.Scopes)).Any() != true;
}
