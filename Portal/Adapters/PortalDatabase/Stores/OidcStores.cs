using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Portal.Adapters.PortalDatabase.Stores;

/// <summary>Clients in OpenIddict's table, in the portal's own transactions: a change and its audit record commit together.</summary>
internal sealed class OidcClientStore(PortalDbContext context) : IOidcClientStore
{
    private DbSet<OidcApplicationRow> Rows => context.Set<OidcApplicationRow>();

    public async Task<OidcClient?> FindAsync(OidcClientId id, CancellationToken cancellationToken) =>
        await Rows.SingleOrDefaultAsync(row => row.Id == id.Value, cancellationToken) is { } row ? Client(row) : null;

    public async Task<PageOf<OidcClient>> ListAsync(OrganizationId? organization, PageRequest page, CancellationToken cancellationToken)
    {
        var owner = organization?.Value;
        var found = await Rows.AsNoTracking()
            .Where(row => row.OrganizationId == owner)
            .PageAsync(page, "oidc-clients", row => row.CreatedAt, row => row.Id, newestFirst: true, cancellationToken);
        return found.Map(Client);
    }

    public Task<int> CountAsync(OrganizationId? organization, CancellationToken cancellationToken)
    {
        var owner = organization?.Value;
        return Rows.CountAsync(row => row.OrganizationId == owner, cancellationToken);
    }

    public void Add(OidcClient client, string? secretHash) =>
        context.Add(
            Write(
                new OidcApplicationRow
                {
                    Id = client.Id.Value,
                    ClientId = client.Id.ToString(),
                    ApplicationType = ApplicationTypes.Web,
                    ConsentType = ConsentTypes.Explicit,
                    ClientType = secretHash is null ? ClientTypes.Public : ClientTypes.Confidential,
                    ClientSecret = secretHash,
                    OrganizationId = client.OrganizationId?.Value,
                    CreatedAt = client.CreatedAt,
                    SecretKnownTo = client.SecretKnownTo?.Value,
                },
                client
            )
        );

    public async Task ChangeAsync(OidcClient client, CancellationToken cancellationToken) =>
        Write(await Rows.SingleAsync(row => row.Id == client.Id.Value, cancellationToken), client);

    public async Task SetSecretAsync(OidcClientId id, string secretHash, AccountId? knownTo, CancellationToken cancellationToken)
    {
        var row = await Rows.SingleAsync(row => row.Id == id.Value, cancellationToken);
        (row.ClientSecret, row.SecretKnownTo) = (secretHash, knownTo?.Value);
    }

    public async Task<IReadOnlyList<OidcClient>> KnownToAsync(
        OrganizationId organization,
        AccountId account,
        CancellationToken cancellationToken
    )
    {
        var (owner, person) = (organization.Value, account.Value);
        return
        [
            .. (
                await Rows.AsNoTracking()
                    .Where(row => row.OrganizationId == owner && row.SecretKnownTo == person)
                    .OrderBy(row => row.CreatedAt)
                    .ToListAsync(cancellationToken)
            ).Select(Client),
        ];
    }

    public async Task RevokeOwnTokensAsync(OidcClientId id, CancellationToken cancellationToken)
    {
        var subject = id.ToString();
        await context
            .Set<OidcTokenRow>()
            .Where(token => token.ApplicationId == id.Value && token.Subject == subject)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, Statuses.Revoked), cancellationToken);
    }

    public async Task RemoveAsync(OidcClientId id, CancellationToken cancellationToken)
    {
        await context.Set<OidcTokenRow>().Where(token => token.ApplicationId == id.Value).ExecuteDeleteAsync(cancellationToken);
        await context
            .Set<OidcAuthorizationRow>()
            .Where(authorization => authorization.ApplicationId == id.Value)
            .ExecuteDeleteAsync(cancellationToken);
        await context.Set<Consent>().Where(consent => consent.ClientId == id).ExecuteDeleteAsync(cancellationToken);
        await Rows.Where(row => row.Id == id.Value).ExecuteDeleteAsync(cancellationToken);
    }

    internal static OidcClient Client(OidcApplicationRow row)
    {
        var permissions = Read(row.Permissions);
        return new(
            new(row.Id),
            row.OrganizationId is { } owner ? new OrganizationId(owner) : null,
            row.DisplayName ?? "",
            row.ClientType == ClientTypes.Confidential,
            permissions.Contains(Permissions.GrantTypes.ClientCredentials),
            Read(row.RedirectUris),
            Read(row.PostLogoutRedirectUris),
            [.. OidcScopes.All.Select(scope => scope.Name).Where(scope => permissions.Contains(Permissions.Prefixes.Scope + scope))],
            row.CreatedAt,
            row.SecretKnownTo is { } known ? new AccountId(known) : null
        );
    }

    private static OidcApplicationRow Write(OidcApplicationRow row, OidcClient client)
    {
        row.DisplayName = client.Name;
        row.RedirectUris = JsonSerializer.Serialize(client.RedirectUris);
        row.PostLogoutRedirectUris = JsonSerializer.Serialize(client.SignOutUris);
        row.Permissions = JsonSerializer.Serialize(PermissionsOf(client));
        row.Requirements = JsonSerializer.Serialize(new[] { Requirements.Features.ProofKeyForCodeExchange });
        row.ConcurrencyToken = Guid.NewGuid().ToString("D", CultureInfo.InvariantCulture);
        return row;
    }

    private static IEnumerable<string> PermissionsOf(OidcClient client)
    {
        yield return Permissions.Endpoints.Token;
        yield return Permissions.Endpoints.Revocation;
        if (client.IsConfidential)
            yield return Permissions.Endpoints.Introspection;
        if (client.ActsAlone)
            yield return Permissions.GrantTypes.ClientCredentials;
        if (client.RedirectUris.Count > 0)
        {
            yield return Permissions.Endpoints.Authorization;
            yield return Permissions.Endpoints.EndSession;
            yield return Permissions.GrantTypes.AuthorizationCode;
            yield return Permissions.ResponseTypes.Code;
            if (client.Scopes.Contains(OidcScopes.OfflineAccess))
                yield return Permissions.GrantTypes.RefreshToken;
        }
        foreach (var scope in client.Scopes)
            yield return Permissions.Prefixes.Scope + scope;
    }

    private static string[] Read(string? json) => string.IsNullOrEmpty(json) ? [] : JsonSerializer.Deserialize<string[]>(json) ?? [];
}

internal sealed class ConsentStore(PortalDbContext context) : IConsentStore
{
    public Task<Consent?> FindAsync(AccountId account, OidcClientId client, CancellationToken cancellationToken) =>
        context
            .Set<Consent>()
            .SingleOrDefaultAsync(consent => consent.AccountId == account && consent.ClientId == client, cancellationToken);

    public async Task<PageOf<(Consent Consent, OidcClient Client)>> ListAsync(
        AccountId account,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var found = await context
            .Set<Consent>()
            .AsNoTracking()
            .Where(consent => consent.AccountId == account)
            .PageAsync(page, "consents", consent => consent.GrantedAt, consent => consent.ClientId, newestFirst: true, cancellationToken);
        var ids = found.Items.Select(consent => consent.ClientId.Value).ToList();
        var clients = await context
            .Set<OidcApplicationRow>()
            .AsNoTracking()
            .Where(row => ids.Contains(row.Id))
            .ToDictionaryAsync(row => row.Id, cancellationToken);
        return found.Map(consent => (consent, OidcClientStore.Client(clients[consent.ClientId.Value])));
    }

    public void Add(Consent consent) => context.Add(consent);

    public void Remove(Consent consent) => context.Remove(consent);

    public async Task RevokeTokensAsync(AccountId account, OidcClientId client, CancellationToken cancellationToken)
    {
        var subject = account.ToString();
        await context
            .Set<OidcAuthorizationRow>()
            .Where(row => row.ApplicationId == client.Value && row.Subject == subject)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, Statuses.Revoked), cancellationToken);
        await context
            .Set<OidcTokenRow>()
            .Where(row => row.ApplicationId == client.Value && row.Subject == subject)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, Statuses.Revoked), cancellationToken);
    }
}

internal sealed class OidcKeyStore(PortalDbContext context) : IOidcKeyStore
{
    public async Task<IReadOnlyList<OidcKey>> AllAsync(CancellationToken cancellationToken) =>
        await context.Set<OidcKey>().OrderBy(key => key.CreatedAt).ThenBy(key => key.Id).ToListAsync(cancellationToken);

    public void Add(OidcKey key) => context.Add(key);

    public void Remove(OidcKey key) => context.Remove(key);
}
