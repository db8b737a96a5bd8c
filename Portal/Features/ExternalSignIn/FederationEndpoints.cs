using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Features.Api;

namespace Portal.Features.ExternalSignIn;

/// <summary>Providers outside the portal: an organisation's own, the domains they sign in, and what an account is linked with.</summary>
public static class FederationEndpoints
{
    public static IEndpointRouteBuilder MapFederation(this IEndpointRouteBuilder api)
    {
        var own = api.MapGroup("/api/v1/organizations/{org}/sign-in").WithTags("Sign-in");
        own.MapGet("", GetAsync).WithName("GetOrganizationSignIn").WithSummary("The organisation's own OpenID Connect provider (owner)");
        own.MapPut("", SaveAsync).WithName("SaveOrganizationSignIn").WithSummary("Sets provider, e-mail domain and default role (owner)");
        own.MapPut("/required", RequireAsync).WithName("RequireOrganizationSignIn").WithSummary("Whether members of the domain have to come through the provider (owner)");
        own.MapDelete("", RemoveAsync).WithName("RemoveOrganizationSignIn").WithSummary("Ends the organisation's own sign-in (owner)");

        var domains = api.MapGroup("/api/v1/operator/sign-in-domains").WithTags("Operator");
        domains.MapGet("", ListDomainsAsync).WithName("ListSignInDomains").WithSummary("E-mail domains that organisations sign in with; ?waiting=true for those to confirm");
        domains.MapPost("/{org}/approve", ApproveAsync).WithName("ApproveSignInDomain").WithSummary("Confirms that the domain is the organisation's");

        var account = api.MapGroup("/api/v1/account/logins").WithTags("Account");
        account.MapGet("", ListLoginsAsync).WithName("ListExternalLogins").WithSummary("The providers that sign in to the account");
        account.MapPost("/unlink", UnlinkAsync).WithName("UnlinkExternalLogin").WithSummary("Ends one of them, but never the last way in");
        return api;
    }

    /// <param name="ClientSecret">Without it the one that is kept stays.</param>
    /// <param name="DefaultRole"><c>viewer</c> unless given; <c>developer</c>, <c>billing</c> or <c>admin</c>.</param>
    public sealed record SignInBody(string? Issuer, string? ClientId, string? ClientSecret, string? Domain, string? DefaultRole);

    public sealed record RequiredBody(bool? Required);

    public sealed record DomainBody(string? Domain);

    public sealed record UnlinkBody(string? Provider, string? Subject);

    /// <param name="State"><c>none</c>, <c>waiting</c> (for the operator) or <c>ready</c>.</param>
    /// <param name="Required">Members with an address of the domain have to come through the provider.</param>
    public sealed record SignInAnswer(
        string State, string? Issuer, string? ClientId, bool HasSecret, string? Domain, string? DomainToken, string? DefaultRole, bool Required, DateTimeOffset? OwnerCameAt, string RedirectUri);

    public sealed record DomainAnswer(string Organization, string Domain, string Token, string Issuer, DateTimeOffset? ConfirmedAt);

    public sealed record LoginAnswer(string Provider, string Subject, string Name, string? Email, DateTimeOffset LinkedAt);

    private static async Task<IResult> GetAsync(string org, ApiContext context, GetOrganizationSignIn get, CancellationToken cancellationToken) =>
        (await get.RunAsync(context.Actor, org, cancellationToken)).ToOk(Answer);

    private static async Task<IResult> SaveAsync(string org, SignInBody body, ApiContext context, SaveOrganizationSignIn save, CancellationToken cancellationToken) =>
        (await save.RunAsync(context.Actor, org, new(body.Issuer, body.ClientId, body.ClientSecret, body.Domain, body.DefaultRole), cancellationToken)).ToOk(Answer);

    private static async Task<IResult> RequireAsync(string org, RequiredBody body, ApiContext context, RequireOrganizationSignIn require, CancellationToken cancellationToken) =>
        body.Required is { } required
            ? (await require.RunAsync(context.Actor, org, required, cancellationToken)).ToOk(Answer)
            : new Problem.Invalid("required-missing", "required is true or false.", "required").ToResult();

    private static async Task<IResult> RemoveAsync(string org, ApiContext context, RemoveOrganizationSignIn remove, CancellationToken cancellationToken) =>
        (await remove.RunAsync(context.Actor, org, cancellationToken)).ToNoContent();

    private static Task<IResult> ListDomainsAsync(bool? waiting, ApiContext context, ListSignInDomains list, CancellationToken cancellationToken) =>
        context.ListAsync(page => list.RunAsync(context.Actor, waiting ?? false, page, cancellationToken),
            row => new DomainAnswer(row.Organization.Slug, row.SignIn.Domain, row.SignIn.DomainToken, row.SignIn.Issuer, row.SignIn.DomainProvenAt));

    private static async Task<IResult> ApproveAsync(string org, DomainBody body, ApiContext context, ApproveSignInDomain approve, CancellationToken cancellationToken) =>
        (await approve.RunAsync(context.Actor, org, body.Domain, cancellationToken)).ToNoContent();

    private static async Task<IResult> ListLoginsAsync(ApiContext context, ListExternalLogins list, CancellationToken cancellationToken) =>
        (await list.RunAsync(context.Actor, cancellationToken)).ToOk(logins => new PageOf<LoginAnswer>(
            [.. logins.Select(login => new LoginAnswer(login.Link, login.Subject, login.ProviderName, login.Email, login.LinkedAt))], null));

    private static async Task<IResult> UnlinkAsync(UnlinkBody body, ApiContext context, UnlinkExternalLogin unlink, CancellationToken cancellationToken) =>
        (await unlink.RunAsync(context.Actor, body.Provider, body.Subject, cancellationToken)).ToNoContent();

    private static SignInAnswer Answer(OrganizationSignInView view) => new(
        view.Settings is null ? "none" : view.Settings.IsReady ? "ready" : "waiting", view.Settings?.Issuer, view.Settings?.ClientId, view.Settings?.SealedSecret is not null, view.Settings?.Domain,
        view.Settings?.DomainToken, view.Settings?.DefaultRole.ToString().ToLowerInvariant(), view.IsOnlyWay, view.Settings?.OwnerCameAt, view.RedirectUri.ToString());
}
