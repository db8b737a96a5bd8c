using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Adapters.PortalDatabase.Stores;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Desired;
using Portal.Domain.Federation;
using Portal.Domain.Mails;
using Portal.Domain.Migration;
using Portal.Domain.Notices;
using Portal.Domain.OpenId;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// The stores over one context, made when they are asked for. What a change adds is seen by queries only after the commit.
/// </summary>
internal sealed class PortalSession(PortalDbContext context, bool isSqlite, TimeProvider clock) : IPortalSession
{
    private readonly Dictionary<Type, object> _stores = [];

    public TStore Store<TStore>()
        where TStore : class
    {
        if (!_stores.TryGetValue(typeof(TStore), out var store))
            _stores[typeof(TStore)] = store = Make(typeof(TStore));
        return (TStore)store;
    }

    private object Make(Type store) =>
        store == typeof(IOrganizationStore) ? new OrganizationStore(context)
        : store == typeof(IClusterStore) ? new ClusterStore(context, isSqlite)
        : store == typeof(ITenantStore) ? new TenantStore(context)
        : store == typeof(ITopicStore) ? new TopicStore(context)
        : store == typeof(IConnectorStore) ? new ConnectorStore(context)
        : store == typeof(IPackageStore) ? new PackageStore(context)
        : store == typeof(ICopyStore) ? new CopyStore(context)
        : store == typeof(IMoveStore) ? new MoveStore(context)
        : store == typeof(IBackStore) ? new BackStore(context)
        : store == typeof(IRecordStore) ? new RecordStore(context)
        : store == typeof(IMigrationStore) ? new MigrationStore(context)
        : store == typeof(IKeyStore) ? new KeyStore(context)
        : store == typeof(IIncidentStore) ? new IncidentStore(context)
        : store == typeof(IOperatorNoteStore) ? new OperatorNoteStore(context)
        : store == typeof(INoticeStore) ? new NoticeStore(context)
        : store == typeof(IApiKeyStore) ? new ApiKeyStore(context)
        : store == typeof(IInvitationStore) ? new InvitationStore(context)
        : store == typeof(IPriceBookStore) ? new PriceBookStore(context)
        : store == typeof(IPlanStore) ? new PlanStore(context)
        : store == typeof(IInvoiceStore) ? new InvoiceStore(context)
        : store == typeof(IBudgetStore) ? new BudgetStore(context)
        : store == typeof(ICreditStore) ? new CreditStore(context)
        : store == typeof(ICreditNoteStore) ? new CreditNoteStore(context)
        : store == typeof(ITaxIdStore) ? new TaxIdStore(context)
        : store == typeof(ITaxStore) ? new TaxStore(context)
        : store == typeof(IPromotionStore) ? new PromotionStore(context)
        : store == typeof(IDunningStore) ? new DunningStore(context)
        : store == typeof(IPaymentEventStore) ? new PaymentEventStore(context, clock)
        : store == typeof(IDifferenceStore) ? new DifferenceStore(context)
        : store == typeof(IWorkStore) ? new WorkStore(context, isSqlite)
        : store == typeof(IViewAsStore) ? new ViewAsStore(context)
        : store == typeof(ICredentialStore) ? new CredentialStore(this)
        : store == typeof(IAccountStore) ? new AccountStore(context, isSqlite)
        : store == typeof(ISessionStore) ? new SessionStore(context)
        : store == typeof(IRecoveryCodeStore) ? new RecoveryCodeStore(context)
        : store == typeof(IPasskeyStore) ? new PasskeyStore(context)
        : store == typeof(IEmailChangeStore) ? new EmailChangeStore(context)
        : store == typeof(IMailQueue) ? new MailQueue(context, Store<IWorkStore>(), clock)
        : store == typeof(IOidcClientStore) ? new OidcClientStore(context)
        : store == typeof(IConsentStore) ? new ConsentStore(context)
        : store == typeof(IOidcKeyStore) ? new OidcKeyStore(context)
        : store == typeof(IOrganizationSignInStore) ? new OrganizationSignInStore(context)
        : store == typeof(IExternalLoginStore) ? new ExternalLoginStore(context)
        : throw new InvalidOperationException($"There is no store {store.Name}.");
}
