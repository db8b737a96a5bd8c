using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Credentials;
using Portal.Domain.Federation;
using Portal.Domain.OpenId;
using Portal.Domain.Organizations;
using Portal.Domain.Provisioning;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Common;

/// <summary>
/// The portal's data. A handle lives for one operation. Entities read in a session are tracked: what a change does to
/// them is written when it commits.
/// </summary>
public interface IPortalDatabase
{
    Task<T> ReadAsync<T>(Func<IPortalSession, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>
    /// One transaction: the change, its intents and its audit record commit together or not at all. A refusal rolls
    /// back. The organisation's audit chain is locked first (<c>BEGIN IMMEDIATE</c>, <c>FOR UPDATE</c>), so changes of
    /// one organisation are serial and limits counted inside hold. The outbox is woken after the commit. When a unique
    /// index shows that another organisation's writer was first, the change runs again and finds what is there now.
    /// </summary>
    /// <param name="organization">Whose audit log; null for the platform's.</param>
    Task<Outcome<T>> WriteAsync<T>(
        Actor actor, OrganizationId? organization, Operation operation, Func<IPortalSession, Task<Outcome<T>>> change, CancellationToken cancellationToken);

    /// <summary>A refusal that leaves a trace, for example a wrong password counted: the trace and the record of the refusal commit together.</summary>
    /// <param name="organization">Whose audit log; null for the platform's.</param>
    Task RefuseAsync(Actor actor, OrganizationId? organization, Operation operation, Problem problem, Func<IPortalSession, Task> change, CancellationToken cancellationToken);

    /// <summary>
    /// A worker's write: no audit record. With a lease the write is refused when the lease was lost meanwhile.
    /// </summary>
    /// <exception cref="LeaseLostException">Another replica holds the lease now; nothing was written.</exception>
    Task<T> UpdateAsync<T>(Lease? lease, Func<IPortalSession, Task<T>> change, CancellationToken cancellationToken);
}

/// <summary>The stores of one transaction or one consistent read.</summary>
public interface IPortalSession
{
    IOrganizationStore Organizations { get; }
    ITenantStore Tenants { get; }
    ITopicStore Topics { get; }
    IKeyStore Keys { get; }
    IApiKeyStore ApiKeys { get; }
    IInvitationStore Invitations { get; }
    IOutbox Outbox { get; }
    IPriceBookStore PriceBooks { get; }
    IInvoiceStore Invoices { get; }
    IJobStore Jobs { get; }
    IViewAsStore ViewAs { get; }
    IAccountStore Accounts { get; }
    ISessionStore Sessions { get; }
    IRecoveryCodeStore RecoveryCodes { get; }
    IPasskeyStore Passkeys { get; }
    IEmailChangeStore EmailChanges { get; }
    IMailQueue Mails { get; }
    IOidcClientStore OidcClients { get; }
    IConsentStore Consents { get; }
    IOidcKeyStore OidcKeys { get; }
    IOrganizationSignInStore OrganizationSignIns { get; }
    IExternalLoginStore ExternalLogins { get; }
}
