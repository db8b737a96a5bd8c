using LocalStripe.Checkout;
using LocalStripe.CreditNotes;
using LocalStripe.Customers;
using LocalStripe.Disputes;
using LocalStripe.Events;
using LocalStripe.Invoices;
using LocalStripe.Payments;
using LocalStripe.Taxes;

namespace LocalStripe.Transport;

/// <summary>The part of Stripe's API that this stand-in speaks; anything else answers as Stripe answers a wrong address.</summary>
internal static class Routes
{
    public static void Map(IEndpointRouteBuilder app, Pipeline pipeline)
    {
        void Get(string path, Handler handler) => app.MapGet(path, (HttpContext context) => pipeline.RunAsync(context, handler));
        void Post(string path, Handler handler) => app.MapPost(path, (HttpContext context) => pipeline.RunAsync(context, handler));
        void Delete(string path, Handler handler) => app.MapDelete(path, (HttpContext context) => pipeline.RunAsync(context, handler));

        Post("/v1/customers", CustomerCalls.Create);
        Get("/v1/customers", CustomerCalls.List);
        Get("/v1/customers/{id}", CustomerCalls.Read);
        Post("/v1/customers/{id}", CustomerCalls.Update);
        Delete("/v1/customers/{id}", CustomerCalls.Delete);
        Get("/v1/customers/{id}/payment_methods", PaymentMethodCalls.ListOfCustomer);
        Get("/v1/customers/{id}/payment_methods/{method}", PaymentMethodCalls.ReadOfCustomer);
        Post("/v1/customers/{id}/tax_ids", TaxIdCalls.Create);
        Get("/v1/customers/{id}/tax_ids", TaxIdCalls.List);
        Get("/v1/customers/{id}/tax_ids/{taxId}", TaxIdCalls.Read);
        Delete("/v1/customers/{id}/tax_ids/{taxId}", TaxIdCalls.Delete);

        Post("/v1/customers/{id}/balance_transactions", BalanceTransactions.Create);
        Get("/v1/customers/{id}/balance_transactions", BalanceTransactions.List);
        Post("/v1/tax_rates", TaxRates.Create);
        Get("/v1/tax_rates", TaxRates.List);
        Get("/v1/tax_rates/{id}", TaxRates.Read);
        Post("/v1/tax_rates/{id}", TaxRates.Update);

        Post("/v1/payment_methods", PaymentMethodCalls.Create);
        Get("/v1/payment_methods", PaymentMethodCalls.List);
        Get("/v1/payment_methods/{id}", PaymentMethodCalls.Read);
        Post("/v1/payment_methods/{id}", PaymentMethodCalls.Update);
        Post("/v1/payment_methods/{id}/attach", PaymentMethodCalls.Attach);
        Post("/v1/payment_methods/{id}/detach", PaymentMethodCalls.Detach);
        Get("/v1/setup_intents", SetupIntents.List);
        Get("/v1/setup_intents/{id}", SetupIntents.Read);
        Get("/v1/payment_intents", PaymentIntents.List);
        Get("/v1/payment_intents/{id}", PaymentIntents.Read);
        Get("/v1/charges", Charges.List);
        Get("/v1/charges/{id}", Charges.Read);
        Get("/v1/disputes", Dispute.List);
        Get("/v1/disputes/{id}", Dispute.Read);
        Get("/v1/balance", Balance.Read);

        Post("/v1/checkout/sessions", CheckoutSessions.Create);
        Get("/v1/checkout/sessions", CheckoutSessions.List);
        Get("/v1/checkout/sessions/{id}", CheckoutSessions.Read);
        Post("/v1/checkout/sessions/{id}/expire", CheckoutSessions.Expire);

        Post("/v1/invoices", InvoiceCalls.Create);
        Get("/v1/invoices", InvoiceCalls.List);
        Get("/v1/invoices/{id}", InvoiceCalls.Read);
        Post("/v1/invoices/{id}", InvoiceCalls.Update);
        Delete("/v1/invoices/{id}", InvoiceCalls.Delete);
        Get("/v1/invoices/{id}/lines", InvoiceCalls.Lines);
        Post("/v1/invoices/{id}/finalize", InvoiceCalls.Finalize);
        Post("/v1/invoices/{id}/pay", InvoiceCalls.Pay);
        Post("/v1/invoices/{id}/void", InvoiceCalls.Void);
        Post("/v1/invoices/{id}/mark_uncollectible", InvoiceCalls.MarkUncollectible);
        Post("/v1/invoices/{id}/send", InvoiceCalls.Send);
        Get("/v1/invoice_payments", InvoicePayments.List);
        Get("/v1/invoice_payments/{id}", InvoicePayments.Read);

        Post("/v1/invoiceitems", InvoiceItemCalls.Create);
        Get("/v1/invoiceitems", InvoiceItemCalls.List);
        Get("/v1/invoiceitems/{id}", InvoiceItemCalls.Read);
        Post("/v1/invoiceitems/{id}", InvoiceItemCalls.Update);
        Delete("/v1/invoiceitems/{id}", InvoiceItemCalls.Delete);

        Post("/v1/credit_notes", CreditNoteCalls.Create);
        Get("/v1/credit_notes", CreditNoteCalls.List);
        Get("/v1/credit_notes/{id}", CreditNoteCalls.Read);
        Post("/v1/credit_notes/{id}/void", CreditNoteCalls.Void);
        Post("/v1/refunds", Refunds.Create);
        Get("/v1/refunds", Refunds.List);
        Get("/v1/refunds/{id}", Refunds.Read);

        Get("/v1/events", EventCalls.List);
        Get("/v1/events/{id}", EventCalls.Read);

        app.Map(
            "/v1/{**rest}",
            (HttpContext context) =>
                pipeline.RunAsync(
                    context,
                    call =>
                        throw StripeError.Malformed(
                            $"Unrecognized request URL ({context.Request.Method}: {call.Path}). "
                                + "LocalStripe speaks only the part of Stripe's API that Portal uses.",
                            status: 404
                        )
                )
        );
    }
}
