using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>This feature's part of a session.</summary>
public static class BillingSession
{
    extension(IPortalSession session)
    {
        public IPriceBookStore PriceBooks => session.Store<IPriceBookStore>();
        public IInvoiceStore Invoices => session.Store<IInvoiceStore>();
        public IBudgetStore Budgets => session.Store<IBudgetStore>();
        public ICreditStore Credits => session.Store<ICreditStore>();
        public ICreditNoteStore CreditNotes => session.Store<ICreditNoteStore>();
        public ITaxIdStore TaxIds => session.Store<ITaxIdStore>();
        public ITaxStore Taxes => session.Store<ITaxStore>();
        public IPromotionStore Promotions => session.Store<IPromotionStore>();
        public IDunningStore Dunning => session.Store<IDunningStore>();
        public IPaymentEventStore PaymentEvents => session.Store<IPaymentEventStore>();
    }
}
