using Portal.Domain.Common;
using Portal.Domain.Federation;

namespace Portal.Tests.Support;

/// <summary>No organization has a sign-in of its own.</summary>
internal sealed class MemorySignIns : IOrganizationSignInStore
{
    public Task<OrganizationSignIn?> FindAsync(OrganizationId organization, CancellationToken cancellationToken) =>
        Task.FromResult<OrganizationSignIn?>(null);

    public Task<OrganizationSignIn?> FindByDomainAsync(string domain, CancellationToken cancellationToken) =>
        Task.FromResult<OrganizationSignIn?>(null);

    public Task<PageOf<OrganizationSignIn>> ListAsync(bool onlyWaiting, PageRequest page, CancellationToken cancellationToken) =>
        Task.FromResult(new PageOf<OrganizationSignIn>([], null));

    public Task<bool> BindsAsync(AccountId account, string domain, CancellationToken cancellationToken) => Task.FromResult(false);

    public void Add(OrganizationSignIn signIn) => throw new NotSupportedException();

    public void Remove(OrganizationSignIn signIn) => throw new NotSupportedException();
}
