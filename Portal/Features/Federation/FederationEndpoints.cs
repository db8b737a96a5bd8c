using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Features.Api;

namespace Portal.Features.Federation;

/// <summary>Providers outside the portal: an organization's own, the domains they sign in, and what an account is linked with.</summary>
public static class FederationEndpoints
{
    public static IEndpointRouteBuilder MapFederation(this IEndpointRouteBuilder api)
    {
        var own = api.MapGroup("/api/v1/organizations/{org}/sign-in").WithTags("Sign-in");
        own.MapGet("", GetAsync).WithName("GetOrganizationSignIn").WithSummary("Get an organization's single sign-on settings (owner)");
        own.MapPut("", SaveAsync)
            .WithName("SaveOrganizationSignIn")
            .WithSummary("Set an organization's OpenID Connect provider, email domain and default role (owner)");
        own.MapPut("/required", RequireAsync)
            .WithName("RequireOrganizationSignIn")
            .WithSummary("Require members of the domain to use single sign-on, or stop requiring it (owner)");
        own.MapDelete("", RemoveAsync).WithName("RemoveOrganizationSignIn").WithSummary("Remove an organization's single sign-on (owner)");

        var domains = api.MapGroup("/api/v1/operator/sign-in-domains").WithTags("Operator");
        domains
            .MapGet("", ListDomainsAsync)
            .WithName("ListSignInDomains")
            .WithSummary("List single sign-on domains; waiting=true for those to confirm");
        domains
            .MapPost("/{org}/approve", ApproveAsync)
            .WithName("ApproveSignInDomain")
            .WithSummary("Confirm that a domain belongs to the organization");

        var account = api.MapGroup("/api/v1/account/logins").WithTags("Account");
        account.MapGet("", ListLoginsAsync).WithName("ListExternalLogins").WithSummary("List the external accounts you can sign in with");
        account
            .MapPost("/unlink", UnlinkAsync)
            .WithName("UnlinkExternalLogin")
            .WithSummary("Unlink an external account, unless it is your last sign-in method");
        return api;
    }

    /// <param name="ClientSecret">Leave out to keep the current one.</param>
    /// <param name="DefaultRole">The role of new members; viewer by default.</param>
    public sealed record SaveOrganizationSignInBody(
        [Needed] string? Issuer,
        [Needed] string? ClientId,
        string? ClientSecret,
        [Needed] string? Domain,
        [OneOf("viewer", "developer", "billing", "admin")] string? DefaultRole
    );

    public sealed record RequireOrganizationSignInBody([Needed] bool? Required);

    public sealed record ApproveSignInDomainBody([Needed] string? Domain);

    public sealed record UnlinkLoginBody([Needed] string? Provider, [Needed] string? Subject);

    /// <param name="State"><c>waiting</c> means that the operator has yet to confirm the domain.</param>
    /// <param name="Required">Members with an email address of the domain must sign in through the provider.</param>
    public sealed record OrganizationSignInBody(
        [OneOf("none", "waiting", "ready")] string State,
        string? Issuer,
        string? ClientId,
        bool HasSecret,
        string? Domain,
        string? DomainToken,
        [OneOf<RoleNames>] string? DefaultRole,
        bool Required,
        DateTimeOffset? OwnerCameAt,
        string RedirectUri
    );

    public sealed record SignInDomainBody(string Organization, string Domain, string Token, string Issuer, DateTimeOffset? ConfirmedAt);

    public sealed record LoginBody(string Provider, string Subject, string Name, string? Email, DateTimeOffset LinkedAt);

    private static async Task<Answer<OrganizationSignInBody>> GetAsync(
        string org,
        ApiContext context,
        GetOrganizationSignIn get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, cancellationToken)).ToOk(Answer);

    private static async Task<Answer<OrganizationSignInBody>> SaveAsync(
        string org,
        SaveOrganizationSignInBody body,
        ApiContext context,
        SaveOrganizationSignIn save,
        CancellationToken cancellationToken
    ) =>
        (
            await save.RunAsync(
                context.Actor,
                org,
                new(body.Issuer, body.ClientId, body.ClientSecret, body.Domain, body.DefaultRole),
                cancellationToken
            )
        ).ToOk(Answer);

    private static async Task<Answer<OrganizationSignInBody>> RequireAsync(
        string org,
        RequireOrganizationSignInBody body,
        ApiContext context,
        RequireOrganizationSignIn require,
        CancellationToken cancellationToken
    ) =>
        body.Required is { } required
            ? (await require.RunAsync(context.Actor, org, required, cancellationToken)).ToOk(Answer)
            : new Problem.Invalid("required-missing", "required is true or false.", "required");

    private static async Task<EmptyAnswer> RemoveAsync(
        string org,
        ApiContext context,
        RemoveOrganizationSignIn remove,
        CancellationToken cancellationToken
    ) => (await remove.RunAsync(context.Actor, org, cancellationToken)).ToNoContent();

    private static Task<ListAnswer<PageOf<SignInDomainBody>>> ListDomainsAsync(
        bool? waiting,
        ApiContext context,
        ListSignInDomains list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, waiting ?? false, page, cancellationToken),
            row => new SignInDomainBody(
                row.Organization.Slug,
                row.SignIn.Domain,
                row.SignIn.DomainToken,
                row.SignIn.Issuer,
                row.SignIn.DomainProvenAt
            )
        );

    private static async Task<EmptyAnswer> ApproveAsync(
        string org,
        ApproveSignInDomainBody body,
        ApiContext context,
        ApproveSignInDomain approve,
        CancellationToken cancellationToken
    ) => await context.DoneAsync(() => approve.RunAsync(context.Actor, org, body.Domain, cancellationToken));

    private static Task<ListAnswer<PageOf<LoginBody>>> ListLoginsAsync(
        ApiContext context,
        ListExternalLogins list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            login => $"{login.Link}/{login.Subject}",
            login => new LoginBody(login.Link, login.Subject, login.ProviderName, login.Email, login.LinkedAt)
        );

    private static async Task<EmptyAnswer> UnlinkAsync(
        UnlinkLoginBody body,
        ApiContext context,
        UnlinkExternalLogin unlink,
        CancellationToken cancellationToken
    ) => await context.DoneAsync(() => unlink.RunAsync(context.Actor, body.Provider, body.Subject, cancellationToken));

    private static OrganizationSignInBody Answer(OrganizationSignInView view) =>
        new(
            view.Settings is null ? "none"
                : view.Settings.IsReady ? "ready"
                : "waiting",
            view.Settings?.Issuer,
            view.Settings?.ClientId,
            view.Settings?.SealedSecret is not null,
            view.Settings?.Domain,
            view.Settings?.DomainToken,
            view.Settings?.DefaultRole.ToString().ToLowerInvariant(),
            view.IsOnlyWay,
            view.Settings?.OwnerCameAt,
            view.RedirectUri.ToString()
        );
}
