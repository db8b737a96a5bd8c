using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.OpenId;

/// <summary>Registers a client: of an organization (owner, admin) or, without one, of the platform (operator).</summary>
public sealed class RegisterOidcClient(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    private const int Most = 100;

    public async Task<Outcome<NewOidcClient>> RunAsync(
        Actor actor,
        string? org,
        OidcClientRequest request,
        CancellationToken cancellationToken
    )
    {
        var operation = OidcClients.Operation(org, "register", request.Name ?? "");
        if (!(await guard.AdmitAsync(actor, org, operation, cancellationToken)).TryGet(out var owner, out var problem))
            return problem;
        if (!request.Check(new(clock.NewUuid()), owner.Id, clock.Now()).TryGet(out var client, out problem))
            return problem;
        var (secret, hash) = OidcSecret.Make();
        return await database.WriteAsync<NewOidcClient>(
            actor,
            owner.Id,
            operation,
            async session =>
            {
                var count = await session.OidcClients.CountAsync(owner.Id, cancellationToken);
                if (count >= Most)
                    return new Problem.OverLimit(
                        "oidc-clients-too-many",
                        $"You have {count} of at most {Most} applications. Delete one you no longer use.",
                        Most,
                        count,
                        null
                    );
                var made = client with { SecretKnownTo = client.IsConfidential ? actor.AccountId : null };
                session.OidcClients.Add(made, client.IsConfidential ? hash : null);
                return new NewOidcClient(made, client.IsConfidential ? secret : null);
            },
            cancellationToken
        );
    }
}

/// <summary>Changes name, addresses and scopes. Whether it keeps a secret was decided when it was registered.</summary>
public sealed class ChangeOidcClient(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<OidcClient>> RunAsync(
        Actor actor,
        string? org,
        OidcClientId id,
        OidcClientRequest request,
        CancellationToken cancellationToken
    )
    {
        var operation = OidcClients.Operation(org, "change", id.ToString());
        if (!(await guard.AdmitAsync(actor, org, operation, cancellationToken)).TryGet(out var owner, out var problem))
            return problem;
        return await database.WriteAsync<OidcClient>(
            actor,
            owner.Id,
            operation,
            async session =>
            {
                if (!(await session.OidcClients.OfAsync(owner, id, cancellationToken)).TryGet(out var found, out var missing))
                    return missing;
                if (
                    !(request with { IsConfidential = found.IsConfidential })
                        .Check(id, owner.Id, clock.Now())
                        .TryGet(out var asked, out var refused)
                )
                    return refused;
                var changed = asked with { CreatedAt = found.CreatedAt, SecretKnownTo = found.SecretKnownTo };
                await session.OidcClients.ChangeAsync(changed, cancellationToken);
                // Whoever knows the secret would get roles with it that they may not hold: it ends, until somebody who may renews it.
                if (Gains(found, changed) && changed.SecretKnownTo != actor.AccountId)
                {
                    await session.OidcClients.SetSecretAsync(id, OidcSecret.Make().Hash, null, cancellationToken);
                    await session.OidcClients.RevokeOwnTokensAsync(id, cancellationToken);
                    changed = changed with { SecretKnownTo = null };
                }
                return changed;
            },
            cancellationToken
        );
    }

    /// <summary>It acts as its organization with the secret alone, and may do more than it could.</summary>
    private static bool Gains(OidcClient before, OidcClient after) =>
        after.ActsAlone && (!before.ActsAlone || OidcScopes.RolesOf(after.Scopes).Except(OidcScopes.RolesOf(before.Scopes)).Any());
}

/// <summary>A new secret in place of the old one, which ends at once, with the tokens that it was exchanged for.</summary>
public sealed class RenewOidcClientSecret(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<NewOidcClient>> RunAsync(Actor actor, string? org, OidcClientId id, CancellationToken cancellationToken)
    {
        var operation = OidcClients.Operation(org, "renew-secret", id.ToString());
        if (!(await guard.AdmitAsync(actor, org, operation, cancellationToken)).TryGet(out var owner, out var problem))
            return problem;
        var (secret, hash) = OidcSecret.Make();
        return await database.WriteAsync<NewOidcClient>(
            actor,
            owner.Id,
            operation,
            async session =>
            {
                if (!(await session.OidcClients.OfAsync(owner, id, cancellationToken)).TryGet(out var client, out var missing))
                    return missing;
                if (!client.IsConfidential)
                    return new Problem.Conflict("client-public", "This is a public application, so it has no secret.");
                await session.OidcClients.SetSecretAsync(id, hash, actor.AccountId, cancellationToken);
                await session.OidcClients.RevokeOwnTokensAsync(id, cancellationToken);
                return new NewOidcClient(client, secret);
            },
            cancellationToken
        );
    }
}

/// <summary>Ends a client with every sign-in and token that it holds.</summary>
public sealed class DeleteOidcClient(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? org, OidcClientId id, CancellationToken cancellationToken)
    {
        var operation = OidcClients.Operation(org, "delete", id.ToString());
        if (!(await guard.AdmitAsync(actor, org, operation, cancellationToken)).TryGet(out var owner, out var problem))
            return problem;
        return await database.WriteAsync<Done>(
            actor,
            owner.Id,
            operation,
            async session =>
            {
                if ((await session.OidcClients.OfAsync(owner, id, cancellationToken)).Problem is { } missing)
                    return missing;
                await session.OidcClients.RemoveAsync(id, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>The clients of an organization or, without one, of the platform.</summary>
public sealed class ListOidcClients(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<OidcClient>>> RunAsync(Actor actor, string? org, PageRequest page, CancellationToken cancellationToken)
    {
        if (
            !(await guard.AdmitAsync(actor, org, OidcClients.Operation(org, "list", ""), cancellationToken)).TryGet(
                out var owner,
                out var problem
            )
        )
            return problem;
        return await database.ReadAsync(session => session.OidcClients.ListAsync(owner.Id, page, cancellationToken), cancellationToken);
    }
}

/// <summary>Whose clients: an organization's, or the platform's when the id is null.</summary>
internal sealed record OidcClientOwner(OrganizationId? Id);

internal static class OidcClients
{
    public static Operation Operation(string? org, string verb, string subject) =>
        new(
            org is null ? Permission.OperatePlatform : Permission.ManageOrganization,
            $"oidc-client.{verb}",
            subject.Length == 0 ? org ?? "platform" : subject
        );

    public static async Task<Outcome<OidcClientOwner>> AdmitAsync(
        this AccessGuard guard,
        Actor actor,
        string? org,
        Operation operation,
        CancellationToken cancellationToken
    ) =>
        org is null
            ? (await guard.CheckAsync(actor, operation, cancellationToken)).Map(_ => new OidcClientOwner(null))
            : (await guard.EnterAsync(actor, org, operation, cancellationToken)).Map(access => new OidcClientOwner(access.Organization.Id));

    /// <summary>Another owner's client does not exist.</summary>
    public static async Task<Outcome<OidcClient>> OfAsync(
        this IOidcClientStore clients,
        OidcClientOwner owner,
        OidcClientId id,
        CancellationToken cancellationToken
    ) =>
        await clients.FindAsync(id, cancellationToken) is { } client && client.OrganizationId == owner.Id
            ? client
            : new Problem.NotFound("oidc-client-not-found", "We couldn't find this application. Reload the list.");
}
