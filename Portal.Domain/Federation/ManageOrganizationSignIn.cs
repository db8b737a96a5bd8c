using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Federation;

/// <summary>An organization's own sign-in as its owner sees it; <see cref="Settings"/> is null while there is none.</summary>
/// <param name="IsOnlyWay">Members with an address of the domain have to come through it.</param>
/// <param name="RedirectUri">What the provider has to be told.</param>
public sealed record OrganizationSignInView(OrganizationSignIn? Settings, bool IsOnlyWay, Uri RedirectUri);

/// <param name="ClientSecret">Null or empty keeps the one that is there.</param>
public sealed record OrganizationSignInRequest(string? Issuer, string? ClientId, string? ClientSecret, string? Domain, string? DefaultRole);

public sealed class GetOrganizationSignIn(AccessGuard guard, IPortalDatabase database, IPublicAddress address)
{
    public async Task<Outcome<OrganizationSignInView>> RunAsync(Actor actor, string org, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(actor, org, new(Permission.ManageSignIn, "sign-in.view", org), cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.OrganizationSignIns.FindAsync(access.Organization.Id, cancellationToken),
            cancellationToken
        );
        return SignInViews.Of(found, access.Organization, address);
    }
}

/// <summary>
/// Sets provider, domain and default role. Another domain has to be proven anew, and lifts the rule that there is no other way.
/// </summary>
public sealed class SaveOrganizationSignIn(
    AccessGuard guard,
    IPortalDatabase database,
    ISecretSeal seal,
    IssuerRule issuers,
    IPublicAddress address,
    TimeProvider clock
)
{
    private const int Longest = 500;

    public async Task<Outcome<OrganizationSignInView>> RunAsync(
        Actor actor,
        string org,
        OrganizationSignInRequest request,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageSignIn,
            "sign-in.save",
            org,
            new Dictionary<string, string>
            {
                ["issuer"] = Cut(request.Issuer),
                ["domain"] = Cut(request.Domain),
                ["role"] = Cut(request.DefaultRole),
            }
        );
        if (!(await guard.EnterAsync(actor, org, operation, cancellationToken)).TryGet(out var access, out var problem))
            return problem;
        if (!issuers.Check(request.Issuer).TryGet(out var issuer, out problem))
            return problem;
        if (!EmailDomain.Check(request.Domain).TryGet(out var domain, out problem))
            return problem;
        if (request.ClientId?.Trim() is not { Length: > 0 and <= Longest } client || client.Any(char.IsControl))
            return new Problem.Invalid(
                "client-id-missing",
                "Enter the client ID that your provider gave you when you registered Portal there.",
                "clientId"
            );
        if (request.ClientSecret is { Length: > Longest })
            return new Problem.Invalid("client-secret-length", $"A client secret can have at most {Longest} characters.", "clientSecret");
        if (!RoleOf(request.DefaultRole).TryGet(out var role, out problem))
            return problem;
        return await database.WriteAsync<OrganizationSignInView>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!;
                var found = await session.OrganizationSignIns.FindAsync(organization.Id, cancellationToken);
                var signIn = found ?? new OrganizationSignIn(organization.Id, clock.Now());
                signIn.Change(issuer, client, string.IsNullOrEmpty(request.ClientSecret) ? null : request.ClientSecret, domain, role, seal);
                if (found is null)
                    session.OrganizationSignIns.Add(signIn);
                if (!signIn.IsReady || signIn.OwnerCameAt is null)
                    organization.AllowEverySignIn();
                return SignInViews.Of(signIn, organization, address);
            },
            cancellationToken
        );
    }

    private static Outcome<Role> RoleOf(string? text) =>
        (text ?? "").ToLowerInvariant() switch
        {
            "" or "viewer" => Role.Viewer,
            "developer" => Role.Developer,
            "billing" => Role.Billing,
            "admin" => Role.Admin,
            _ => new Problem.Invalid(
                "default-role-unknown",
                "The default role can be viewer, developer, billing or admin. Only owners can add owners.",
                "defaultRole"
            ),
        };

    private static string Cut(string? text) => text is { Length: > 200 } ? text[..200] + "…" : text ?? "";
}

/// <summary>Whether members with an address of the domain have to come through the provider. Owners always keep their other ways.</summary>
public sealed class RequireOrganizationSignIn(AccessGuard guard, IPortalDatabase database, IPublicAddress address)
{
    public async Task<Outcome<OrganizationSignInView>> RunAsync(
        Actor actor,
        string org,
        bool isOnlyWay,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.ManageSignIn, isOnlyWay ? "sign-in.require" : "sign-in.no-longer-require", org);
        if (!(await guard.EnterAsync(actor, org, operation, cancellationToken)).TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<OrganizationSignInView>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!;
                var signIn = await session.OrganizationSignIns.FindAsync(organization.Id, cancellationToken);
                if (!isOnlyWay)
                {
                    organization.AllowEverySignIn();
                    return SignInViews.Of(signIn, organization, address);
                }
                if (signIn is not { IsReady: true })
                    return new Problem.Conflict(
                        "domain-not-proven",
                        "The operator hasn't confirmed your email domain yet. Add the token to its DNS and wait for confirmation."
                    );
                if (signIn.OwnerCameAt is null)
                    return new Problem.Conflict(
                        "sso-untried",
                        "No owner has signed in through the provider yet. Sign in with it once to make sure it works, then turn this on."
                    );
                organization.RequireSignInFor(signIn.Domain);
                return SignInViews.Of(signIn, organization, address);
            },
            cancellationToken
        );
    }
}

/// <summary>Ends the organization's own sign-in. Accounts and memberships stay; who has no password chooses one by mail.</summary>
public sealed class RemoveOrganizationSignIn(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string org, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.ManageSignIn, "sign-in.remove", org);
        if (!(await guard.EnterAsync(actor, org, operation, cancellationToken)).TryGet(out var access, out var problem))
            return problem;
        return await database.WriteAsync<Done>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.OrganizationSignIns.FindAsync(access.Organization.Id, cancellationToken) is not { } signIn)
                    return new Problem.NotFound("sign-in-not-set", "This organization hasn't set up single sign-on.");
                (await session.Organizations.FindAsync(access.Organization.Id, cancellationToken))!.AllowEverySignIn();
                session.OrganizationSignIns.Remove(signIn);
                await session.ExternalLogins.RemoveAllAsync(ProviderLink.PrefixOf(access.Organization.Id), cancellationToken);
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Email domains and whose they are said to be, for the operator, newest first.</summary>
public sealed class ListSignInDomains(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<(OrganizationSignIn SignIn, Organization Organization)>>> RunAsync(
        Actor actor,
        bool onlyWaiting,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var allowed = await guard.CheckAsync(
            actor,
            new(Permission.OperatePlatform, "operator.sign-in-domains.list", ""),
            cancellationToken
        );
        if (allowed.Problem is { } refused)
            return refused;
        return await database.ReadAsync(
            async session =>
            {
                var found = await session.OrganizationSignIns.ListAsync(onlyWaiting, page, cancellationToken);
                var rows = new List<(OrganizationSignIn, Organization)>(found.Items.Count);
                foreach (var signIn in found.Items)
                    rows.Add((signIn, (await session.Organizations.FindAsync(signIn.OrganizationId, cancellationToken))!));
                return new PageOf<(OrganizationSignIn, Organization)>(rows, found.Next);
            },
            cancellationToken
        );
    }
}

/// <summary>Confirms that the domain is the organization's: the operator saw the token in its DNS, or knows the customer.</summary>
public sealed class ApproveSignInDomain(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string org, string? domain, CancellationToken cancellationToken)
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "operator.sign-in-domain.approve",
            org,
            new Dictionary<string, string> { ["domain"] = domain is { Length: <= 253 } ? domain : "" }
        );
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var organization = await database.ReadAsync(session => session.Organizations.FindAsync(org, cancellationToken), cancellationToken);
        if (organization is null)
            return new Problem.NotFound("organization-not-found", "There is no such organization.");
        return await database.WriteAsync<Done>(
            actor,
            organization.Id,
            operation,
            async session =>
            {
                var signIn = await session.OrganizationSignIns.FindAsync(organization.Id, cancellationToken);
                // What is approved is what was looked at: the owner may have changed it meanwhile.
                if (signIn is null || signIn.Domain != domain?.ToLowerInvariant())
                    return new Problem.Conflict(
                        "domain-changed",
                        "The organization no longer asks for this domain. Reload the list.",
                        "domain"
                    );
                if (
                    await session.OrganizationSignIns.FindByDomainAsync(signIn.Domain, cancellationToken) is { } other
                    && other.OrganizationId != organization.Id
                )
                    return new Problem.Conflict(
                        "domain-taken",
                        "This domain already belongs to another organization. A domain can belong to only one.",
                        "domain"
                    );
                signIn.Prove(clock.Now());
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

internal static class SignInViews
{
    public static OrganizationSignInView Of(OrganizationSignIn? signIn, Organization organization, IPublicAddress address) =>
        new(signIn, organization.SignInDomain is not null, new Uri(address.Url, $"/sign-in/sso/{organization.Slug}/callback"));
}
