using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Federation;

namespace Portal.Adapters.PortalDatabase.Stores;

internal sealed class OrganizationSignInStore(PortalDbContext context) : IOrganizationSignInStore
{
    private DbSet<OrganizationSignIn> SignIns => context.Set<OrganizationSignIn>();

    public Task<OrganizationSignIn?> FindAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        SignIns.SingleOrDefaultAsync(signIn => signIn.OrganizationId == organization, cancellationToken);

    public Task<OrganizationSignIn?> FindByDomainAsync(string domain, CancellationToken cancellationToken) =>
        SignIns.SingleOrDefaultAsync(signIn => signIn.Domain == domain && signIn.DomainProvenAt != null, cancellationToken);

    public Task<PageOf<OrganizationSignIn>> ListAsync(bool onlyWaiting, PageRequest page, CancellationToken cancellationToken) =>
        SignIns
            .Where(signIn => !onlyWaiting || signIn.DomainProvenAt == null)
            .PageAsync(
                page,
                onlyWaiting ? "sign-in-domains-waiting" : "sign-in-domains",
                signIn => signIn.CreatedAt,
                signIn => signIn.OrganizationId,
                newestFirst: true,
                cancellationToken
            );

    public Task<bool> BindsAsync(AccountId account, string domain, CancellationToken cancellationToken) =>
        context.Organizations.AnyAsync(
            organization =>
                organization.SignInDomain == domain
                && organization.State != OrganizationState.Closed
                && context.Memberships.Any(member =>
                    member.OrganizationId == organization.Id && member.AccountId == account && member.Role != Role.Owner
                ),
            cancellationToken
        );

    public void Add(OrganizationSignIn signIn) => context.Add(signIn);

    public void Remove(OrganizationSignIn signIn) => context.Remove(signIn);
}

internal sealed class ExternalLoginStore(PortalDbContext context) : IExternalLoginStore
{
    private DbSet<ExternalLogin> Logins => context.Set<ExternalLogin>();

    public Task<ExternalLogin?> FindAsync(string link, string subject, CancellationToken cancellationToken) =>
        Logins.SingleOrDefaultAsync(login => login.Link == link && login.Subject == subject, cancellationToken);

    public async Task<IReadOnlyList<ExternalLogin>> OfAccountAsync(AccountId account, CancellationToken cancellationToken) =>
        await Logins
            .Where(login => login.AccountId == account)
            .OrderBy(login => login.LinkedAt)
            .ThenBy(login => login.Link)
            .ToListAsync(cancellationToken);

    public void Add(ExternalLogin login) => context.Add(login);

    public void Remove(ExternalLogin login) => context.Remove(login);

    public Task RemoveAllAsync(string linkPrefix, CancellationToken cancellationToken) =>
        Logins.Where(login => login.Link.StartsWith(linkPrefix)).ExecuteDeleteAsync(cancellationToken);
}
