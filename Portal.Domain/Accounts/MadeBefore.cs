using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Federation;
using Portal.Domain.OpenId;
using Portal.Domain.Organizations;

namespace Portal.Domain.Accounts;

/// <summary>
/// Ways into an account beside its password and second factor, counted. Whoever had the account before may hold any of them.
/// </summary>
/// <param name="InOrganizations">API keys, keys to topics, secrets of applications and invitations that were made with the account in its
/// organizations.</param>
public sealed record MadeBefore(int ApiKeys, int Passkeys, int ExternalLogins, int Applications, int InOrganizations = 0)
{
    public bool IsNothing => this is { ApiKeys: 0, Passkeys: 0, ExternalLogins: 0, Applications: 0, InOrganizations: 0 };

    /// <summary>For people: <c>2 API keys and 1 passkey</c>; empty for nothing.</summary>
    public string Words
    {
        get
        {
            string[] parts =
            [
                .. new[]
                {
                    Count(ApiKeys, "API key"),
                    Count(Passkeys, "passkey"),
                    Count(ExternalLogins, "linked sign-in method"),
                    Count(Applications, "authorized application"),
                    Count(
                        InOrganizations,
                        "credential or invitation created in your organizations",
                        "credentials and invitations created in your organizations"
                    ),
                }.OfType<string>(),
            ];
            return parts.Length < 2 ? string.Concat(parts) : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";
        }
    }

    private static string? Count(int count, string what, string? many = null) =>
        count == 0 ? null
        : count == 1 ? $"1 {what}"
        : $"{count} {many ?? what + "s"}";
}

/// <summary>
/// Taking an account over from whoever had it: by proving its address, or by a reset. In one place, so that a new kind of
/// credential is added to all of them.
/// </summary>
internal static class TakingOver
{
    public static async Task<MadeBefore> MadeBeforeAsync(
        this IPortalSession session,
        AccountId account,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) =>
        new(
            (await session.ApiKeys.LiveAsync(account, now, cancellationToken)).Count,
            (await session.Passkeys.ListAsync(account, cancellationToken)).Count,
            (await session.ExternalLogins.OfAccountAsync(account, cancellationToken)).Count,
            (await session.ConsentsOfAsync(account, cancellationToken)).Count,
            await session.CountCreatedAsync(account, now, cancellationToken)
        );

    /// <summary>
    /// Ends what <see cref="MadeBefore"/> counts and any change of address under way. Sessions, links in emails and the password are the
    /// caller's.
    /// </summary>
    public static async Task<MadeBefore> EndMadeBeforeAsync(
        this IPortalSession session,
        Account of,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (account, now) = (of.Id, clock.Now());
        var created = await session.EndCreatedAsync(of, clock, cancellationToken);
        var keys = await session.ApiKeys.LiveAsync(account, now, cancellationToken);
        foreach (var key in keys)
            await session.EndAsync(key, keepCreated: false, now, cancellationToken);
        var passkeys = await session.Passkeys.ListAsync(account, cancellationToken);
        foreach (var passkey in passkeys)
            session.Passkeys.Remove(passkey);
        var logins = await session.ExternalLogins.OfAccountAsync(account, cancellationToken);
        foreach (var login in logins)
            session.ExternalLogins.Remove(login);
        var consents = await session.ConsentsOfAsync(account, cancellationToken);
        foreach (var client in consents)
        {
            if (await session.Consents.FindAsync(account, client, cancellationToken) is { } consent)
                session.Consents.Remove(consent);
            await session.Consents.RevokeTokensAsync(account, client, cancellationToken);
        }
        await session.EmailChanges.RemoveAsync(account, cancellationToken);
        return new(keys.Count, passkeys.Count, logins.Count, consents.Count, created);
    }

    private static async Task<IReadOnlyList<OidcClientId>> ConsentsOfAsync(
        this IPortalSession session,
        AccountId account,
        CancellationToken cancellationToken
    )
    {
        var clients = new List<OidcClientId>();
        for (string? after = null; ; )
        {
            var page = await session.Consents.ListAsync(account, new PageRequest(PageRequest.MaxLimit, after), cancellationToken);
            clients.AddRange(page.Items.Select(item => item.Client.Id));
            if (page.Next is null)
                return clients;
            after = page.Next;
        }
    }
}
