using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.OpenId;

/// <summary>What a person let a client do in their name, until it is revoked.</summary>
public sealed class Consent
{
    private Consent() { }

    public Consent(AccountId account, OidcClientId client, IEnumerable<string> scopes, DateTimeOffset grantedAt) =>
        (AccountId, ClientId, ScopeText, GrantedAt) = (account, client, string.Join(' ', scopes), grantedAt);

    public AccountId AccountId { get; private set; }
    public OidcClientId ClientId { get; private set; }

    /// <summary>Separated by spaces, as the protocol writes them.</summary>
    public string ScopeText { get; private set; } = "";

    public DateTimeOffset GrantedAt { get; private set; }

    public IReadOnlyList<string> Scopes => ScopeText.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public bool Covers(IEnumerable<string> scopes) => !scopes.Except(Scopes).Any();

    internal void Widen(IEnumerable<string> scopes, DateTimeOffset now) =>
        (ScopeText, GrantedAt) = (string.Join(' ', Scopes.Union(scopes)), now);
}

public interface IConsentStore
{
    Task<Consent?> FindAsync(AccountId account, OidcClientId client, CancellationToken cancellationToken);

    /// <summary>With the clients, newest first.</summary>
    Task<PageOf<(Consent Consent, OidcClient Client)>> ListAsync(AccountId account, PageRequest page, CancellationToken cancellationToken);

    void Add(Consent consent);

    void Remove(Consent consent);

    /// <summary>Every token that the client holds of the account; refused at its next use.</summary>
    Task RevokeTokensAsync(AccountId account, OidcClientId client, CancellationToken cancellationToken);
}

/// <summary>A client's wish as the person sees it who decides.</summary>
/// <param name="RegisteredBy">The organization whose client it is; null for the platform's own.</param>
/// <param name="Granted">The person allowed all of it before.</param>
public sealed record ConsentRequest(OidcClient Client, string? RegisteredBy, IReadOnlyList<OidcScope> Scopes, bool Granted);

/// <summary>What a client asks of the person signed in.</summary>
public sealed class GetConsentRequest(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<ConsentRequest>> RunAsync(Actor actor, string? clientId, string? scope, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new(Permission.ManageSession, "account.consent.view", clientId ?? ""),
            cancellationToken
        );
        if (allowed.Problem is { } refused)
            return refused;
        if (actor.AccountId is not { } account)
            return ConsentRules.PeopleOnly;
        return await database.ReadAsync<Outcome<ConsentRequest>>(
            async session =>
            {
                if (!(await session.OidcClients.NamedAsync(clientId, cancellationToken)).TryGet(out var client, out var problem))
                    return problem;
                if (ConsentRules.RefuseOutOfReach(actor, client) is { } elsewhere)
                    return elsewhere;
                if (!client.MayAsk(scope).TryGet(out var scopes, out problem))
                    return problem;
                var before = await session.Consents.FindAsync(account, client.Id, cancellationToken);
                var by = client.OrganizationId is { } owner
                    ? (await session.Organizations.FindAsync(owner, cancellationToken))?.Name
                    : null;
                return new ConsentRequest(
                    client,
                    by,
                    [.. scopes.Select(OidcScopes.Find).OfType<OidcScope>()],
                    before?.Covers(scopes) == true
                );
            },
            cancellationToken
        );
    }
}

/// <summary>Lets a client do what it asks for; remembered for this account until revoked.</summary>
public sealed class GrantConsent(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string? clientId, string? scope, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.ManageSession,
            "account.consent.grant",
            clientId ?? "",
            new Dictionary<string, string> { ["scope"] = scope is { Length: <= 500 } ? scope : "" }
        );
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (actor.AccountId is not { } account)
            return ConsentRules.PeopleOnly;
        return await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                if (!(await session.OidcClients.NamedAsync(clientId, cancellationToken)).TryGet(out var client, out var problem))
                    return problem;
                if (ConsentRules.RefuseOutOfReach(actor, client) is { } elsewhere)
                    return elsewhere;
                if (!client.MayAsk(scope).TryGet(out var scopes, out problem))
                    return problem;
                if (await session.Consents.FindAsync(account, client.Id, cancellationToken) is { } before)
                    before.Widen(scopes, clock.Now());
                else
                    session.Consents.Add(new(account, client.Id, scopes, clock.Now()));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>The clients that the person let in.</summary>
public sealed class ListConsents(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<(Consent Consent, OidcClient Client)>>> RunAsync(
        Actor actor,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(actor, new(Permission.ManageAccount, "account.consent.list", actor.Name), cancellationToken);
        if (allowed.Problem is { } refused)
            return refused;
        if (actor.AccountId is not { } account)
            return ConsentRules.PeopleOnly;
        return await database.ReadAsync(session => session.Consents.ListAsync(account, page, cancellationToken), cancellationToken);
    }
}

/// <summary>Ends what a client may do in the person's name: its tokens are refused from now on.</summary>
public sealed class RevokeConsent(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, OidcClientId client, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageAccount, "account.consent.revoke", client.ToString());
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (actor.AccountId is not { } account)
            return ConsentRules.PeopleOnly;
        return await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Consents.FindAsync(account, client, cancellationToken) is not { } consent)
                    return new Problem.NotFound(
                        "consent-not-found",
                        "This application doesn't have access to your account, or you've already revoked it."
                    );
                session.Consents.Remove(consent);
                await session.Consents.RevokeTokensAsync(account, client, cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

internal static class ConsentRules
{
    public static readonly Problem.Forbidden PeopleOnly = new("people-only", "Only a signed-in person can decide this.");

    private static readonly Problem.Forbidden OutOfReach = new(
        "own-sign-in-required",
        "This application belongs to a different organization than the one you signed in with. "
            + "Sign in again with your own password or passkey."
    );

    /// <summary>
    /// An organization's provider vouches for its people to that organization, not to the applications of others. To the
    /// platform's own, whose tokens say what they reach, it does.
    /// </summary>
    public static Problem.Forbidden? RefuseOutOfReach(Actor actor, OidcClient client) =>
        actor.Reach is { } reach && client.OrganizationId is { } owner && owner != reach ? OutOfReach : null;

    public static async Task<Outcome<OidcClient>> NamedAsync(
        this IOidcClientStore clients,
        string? clientId,
        CancellationToken cancellationToken
    ) =>
        Guid.TryParse(clientId, out var id) && await clients.FindAsync(new(id), cancellationToken) is { } client
            ? client
            : new Problem.NotFound(
                "oidc-client-not-found",
                "The application that sent you here is not registered. Go back to it and tell whoever runs it."
            );

    /// <summary>
    /// The scopes asked for, in the order of <see cref="OidcScopes.All"/>; refused when the client may not have one of them.
    /// </summary>
    public static Outcome<IReadOnlyList<string>> MayAsk(this OidcClient client, string? scope)
    {
        var asked = (scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return asked.Except(client.Scopes).Any()
            ? new Problem.Invalid(
                "scope-refused",
                "The application is asking for more access than it's registered for. Tell whoever runs it.",
                "scope"
            )
            : Outcome.Of<IReadOnlyList<string>>([.. OidcScopes.All.Select(known => known.Name).Intersect(asked)]);
    }
}
