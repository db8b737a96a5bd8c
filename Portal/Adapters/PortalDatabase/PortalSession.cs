using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Adapters.PortalDatabase.Stores;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Federation;
using Portal.Domain.OpenId;
using Portal.Domain.Organizations;
using Portal.Domain.Provisioning;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Adapters.PortalDatabase;

/// <summary>The stores over one context. What a change adds is seen by queries only after the commit.</summary>
internal sealed class PortalSession(PortalDbContext context, TimeProvider clock) : IPortalSession
{
    public IOrganizationStore Organizations { get; } = new OrganizationStore(context);
    public ITenantStore Tenants { get; } = new TenantStore(context);
    public ITopicStore Topics { get; } = new TopicStore(context);
    public IKeyStore Keys { get; } = new KeyStore(context);
    public IApiKeyStore ApiKeys { get; } = new ApiKeyStore(context);
    public IInvitationStore Invitations { get; } = new InvitationStore(context);
    public IOutbox Outbox { get; } = new Outbox(context);
    public IPriceBookStore PriceBooks { get; } = new PriceBookStore(context);
    public IInvoiceStore Invoices { get; } = new InvoiceStore(context);
    public IJobStore Jobs { get; } = new JobStore(context);
    public IViewAsStore ViewAs { get; } = new ViewAsStore(context);
    public IAccountStore Accounts { get; } = new AccountStore(context);
    public ISessionStore Sessions { get; } = new SessionStore(context);
    public IRecoveryCodeStore RecoveryCodes { get; } = new RecoveryCodeStore(context);
    public IPasskeyStore Passkeys { get; } = new PasskeyStore(context);
    public IEmailChangeStore EmailChanges { get; } = new EmailChangeStore(context);
    public IMailQueue Mails { get; } = new MailQueue(context, clock);
    public IOidcClientStore OidcClients { get; } = new OidcClientStore(context);
    public IConsentStore Consents { get; } = new ConsentStore(context);
    public IOidcKeyStore OidcKeys { get; } = new OidcKeyStore(context);
    public IOrganizationSignInStore OrganizationSignIns { get; } = new OrganizationSignInStore(context);
    public IExternalLoginStore ExternalLogins { get; } = new ExternalLoginStore(context);
}
