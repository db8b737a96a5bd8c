using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Ui;

namespace Portal.Features.Billing;

/// <summary>Invoices in words.</summary>
internal static class InvoiceWords
{
    internal static string Of(Invoice invoice) =>
        invoice switch
        {
            { Stage: InvoiceStage.Mismatch } => "being checked",
            { Status: InvoiceStatus.Draft } => "being issued",
            { Status: InvoiceStatus.Open, ProblemMessage: not null } => "payment failed",
            { Status: InvoiceStatus.Open } => "open",
            { Status: InvoiceStatus.Paid, TotalMinor: > 0 } when invoice.CreditedMinor >= invoice.TotalMinor => invoice.RefundedMinor > 0
                ? "refunded"
                : "credited",
            { Status: InvoiceStatus.Paid, PaidAt: { } at } => $"paid {DateWords.LongDayOfYear(at.ToUniversalTime())}",
            { Status: InvoiceStatus.Paid } => "paid",
            { Status: InvoiceStatus.Uncollectible } => "uncollectible",
            { Status: InvoiceStatus.Void } => "void",
            _ => throw new InvalidOperationException($"{invoice.Status} has no words."),
        };

    internal static string Mood(Invoice invoice) =>
        invoice switch
        {
            { Stage: InvoiceStage.Mismatch } => "warn",
            { Status: InvoiceStatus.Paid } => "good",
            { Status: InvoiceStatus.Open, ProblemMessage: not null } or { Status: InvoiceStatus.Uncollectible } => "bad",
            { Status: InvoiceStatus.Open or InvoiceStatus.Draft } => "info",
            _ => "",
        };

    internal static string Period(Invoice invoice) =>
        $"{DateWords.Minute(invoice.From.ToUniversalTime())} – {DateWords.Minute(invoice.To.ToUniversalTime())}";

    /// <summary>What credit notes left of an invoice that has some.</summary>
    internal static string AfterCredits(Invoice invoice) =>
        invoice.Status == InvoiceStatus.Open
            ? $"{MoneyFormat.Text(Money(invoice, invoice.OwedMinor))} left to pay after credit notes"
            : $"{MoneyFormat.Text(Money(invoice, invoice.CreditedMinor))} credited";

    internal static Money Money(Invoice invoice, long minor) =>
        new(minor, Currency.TryParse(invoice.CurrencyCode, out var currency) ? currency : Currency.Usd);
}
