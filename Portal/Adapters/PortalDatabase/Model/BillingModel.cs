using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Plans;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Price books, plans, invoices, closed periods and the webhook inbox.</summary>
internal static class BillingModel
{
    /// <summary>Lines keep the order in which the rating made them.</summary>
    internal const string LinePosition = "Position";

    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<PriceBookRecord>(entity =>
        {
            entity.ToTable("price_books").HasKey(book => book.Id);
            entity.Property(book => book.Id).ValueGeneratedNever();
            entity.HasIndex(book => book.Version).IsUnique();
        });
        builder.Entity<PlanVersion>(entity =>
        {
            entity.ToTable("plan_versions").HasKey(version => new { version.Plan, version.Version });
            entity.Property(version => version.Version).ValueGeneratedNever();
            entity.Ignore(version => version.Limits);
        });
        builder.Entity<OrganizationLimits>(entity =>
        {
            entity.ToTable("organization_limits").HasKey(limits => limits.OrganizationId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(limits => limits.OrganizationId);
            entity.Ignore(limits => limits.Own);
        });
        builder.Entity<Budget>(entity =>
        {
            entity.ToTable("budgets").HasKey(budget => budget.OrganizationId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(budget => budget.OrganizationId);
            entity.Ignore(budget => budget.Amount);
            entity.Ignore(budget => budget.Alerts);
        });
        builder.Entity<DunningCase>(entity =>
        {
            entity.ToTable("dunning_cases").HasKey(one => one.OrganizationId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(one => one.OrganizationId);
        });
        builder.Entity<Invoice>(entity =>
        {
            entity.ToTable("invoices").HasKey(invoice => invoice.Id);
            entity.Property(invoice => invoice.Id).ValueGeneratedNever();
            entity.HasOne<Organization>().WithMany().HasForeignKey(invoice => invoice.OrganizationId);
            entity.HasMany(invoice => invoice.Lines).WithOne().HasForeignKey(line => line.InvoiceId);
            entity.HasMany(invoice => invoice.Adjustments).WithOne().HasForeignKey(adjustment => adjustment.InvoiceId);
            entity.HasMany(invoice => invoice.Taxes).WithOne().HasForeignKey(tax => tax.InvoiceId);
            entity.Ignore(invoice => invoice.TaxMinor);
            entity.Ignore(invoice => invoice.AddedTaxMinor);
            entity.Ignore(invoice => invoice.CreditsMinor);
            entity.Ignore(invoice => invoice.OwedMinor);
            entity.Ignore(invoice => invoice.LooseRefundMinor);
            entity.HasIndex(invoice => invoice.Number).IsUnique();
            entity.HasIndex(invoice => invoice.StripeInvoiceId).IsUnique();
            entity.HasIndex(invoice => new { invoice.OrganizationId, invoice.CreatedAt });
            entity.HasIndex(invoice => invoice.CreatedAt).HasFilter("stage <> 'settled'").HasDatabaseName("ix_invoices_unsettled");
            entity
                .HasIndex(invoice => new { invoice.DueAt, invoice.OrganizationId })
                .HasFilter("status = 'open'")
                .HasDatabaseName("ix_invoices_due");
        });
        builder.Entity<InvoiceLine>(entity =>
        {
            entity.ToTable("invoice_lines").HasKey(line => line.Id);
            entity.Property(line => line.Id).ValueGeneratedNever();
            entity.Property<int>(LinePosition);
        });
        builder.Entity<InvoiceAdjustment>(entity =>
        {
            entity.ToTable("invoice_adjustments").HasKey(adjustment => adjustment.Id);
            entity.Property(adjustment => adjustment.Id).ValueGeneratedNever();
            entity.HasOne<Credit>().WithMany().HasForeignKey(adjustment => adjustment.CreditId);
            entity.Property<int>(LinePosition);
            entity.Ignore(adjustment => adjustment.Description);
        });
        builder.Entity<InvoiceTax>(entity =>
        {
            entity.ToTable("invoice_taxes").HasKey(tax => tax.Id);
            entity.Property(tax => tax.Id).ValueGeneratedNever();
            entity.Ignore(tax => tax.Title);
        });
        builder.Entity<TaxBook>(entity =>
        {
            entity.ToTable("tax_books").HasKey(book => book.Id);
            entity.Property(book => book.Id).ValueGeneratedNever();
            entity.Ignore(book => book.Rates);
        });
        builder.Entity<TaxProfile>(entity =>
        {
            entity.ToTable("tax_profiles").HasKey(profile => profile.OrganizationId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(profile => profile.OrganizationId);
            entity.Ignore(profile => profile.Address);
        });
        builder.Entity<TaxRateAtStripe>(entity => entity.ToTable("stripe_tax_rates").HasKey(rate => rate.Key));
        builder.Entity<TaxId>(entity =>
        {
            entity.ToTable("tax_ids").HasKey(one => one.Id);
            entity.Property(one => one.Id).ValueGeneratedNever();
            entity.HasOne<Organization>().WithMany().HasForeignKey(one => one.OrganizationId);
            entity
                .HasIndex(one => new
                {
                    one.OrganizationId,
                    one.Type,
                    one.Value,
                })
                .IsUnique();
        });
        builder.Entity<CreditNote>(entity =>
        {
            entity.ToTable("credit_notes").HasKey(note => note.Id);
            entity.Property(note => note.Id).ValueGeneratedNever();
            entity.HasOne<Organization>().WithMany().HasForeignKey(note => note.OrganizationId);
            entity.HasOne<Invoice>().WithMany().HasForeignKey(note => note.InvoiceId);
            entity.HasMany(note => note.Lines).WithOne().HasForeignKey(line => line.CreditNoteId);
            // Whoever notes that it was issued grants the customer's credit: of two, one starts over and finds it noted.
            entity.Property(note => note.State).IsConcurrencyToken();
            entity.HasIndex(note => note.StripeCreditNoteId).IsUnique();
            entity.HasIndex(note => new { note.OrganizationId, note.Number });
            entity.HasIndex(note => note.CreatedAt);
            entity.Ignore(note => note.Amount);
            entity.Ignore(note => note.IsLive);
        });
        builder.Entity<CreditNoteLine>(entity =>
        {
            entity.ToTable("credit_note_lines").HasKey(line => line.Id);
            entity.Property(line => line.Id).ValueGeneratedNever();
        });
        builder.Entity<InvoiceRefund>(entity =>
        {
            entity.ToTable("invoice_refunds").HasKey(refund => refund.StripeRefundId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(refund => refund.OrganizationId);
            entity.HasOne<Invoice>().WithMany().HasForeignKey(refund => refund.InvoiceId);
            entity.HasOne<CreditNote>().WithMany().HasForeignKey(refund => refund.CreditNoteId);
        });
        builder.Entity<Credit>(entity =>
        {
            entity.ToTable("credits").HasKey(credit => credit.Id);
            entity.Property(credit => credit.Id).ValueGeneratedNever();
            entity.HasOne<Organization>().WithMany().HasForeignKey(credit => credit.OrganizationId);
            entity.HasIndex(credit => new { credit.OrganizationId, credit.GrantedAt });
            entity.HasIndex(credit => credit.OrganizationId).HasFilter("left_minor > 0").HasDatabaseName("ix_credits_open");
            entity.Ignore(credit => credit.Granted);
            entity.Ignore(credit => credit.Left);
        });
        builder.Entity<PromotionCode>(entity =>
        {
            entity.ToTable("promotion_codes").HasKey(promotion => promotion.Id);
            entity.Property(promotion => promotion.Id).ValueGeneratedNever();
            entity.HasIndex(promotion => promotion.Code).IsUnique();
            entity.HasIndex(promotion => promotion.CreatedAt);
            entity.Ignore(promotion => promotion.Amount);
        });
        builder.Entity<PromotionRedemption>(entity =>
        {
            entity.ToTable("promotion_redemptions").HasKey(redemption => new { redemption.OrganizationId, redemption.PromotionCodeId });
            entity.HasOne<Organization>().WithMany().HasForeignKey(redemption => redemption.OrganizationId);
            entity.HasOne<PromotionCode>().WithMany().HasForeignKey(redemption => redemption.PromotionCodeId);
            entity.HasOne<Credit>().WithMany().HasForeignKey(redemption => redemption.CreditId);
            entity.Ignore(redemption => redemption.LastMonth);
        });
        builder.Entity<CreditEntry>(entity =>
        {
            entity.ToTable("credit_entries").HasKey(entry => entry.Id);
            entity.Property(entry => entry.Id).ValueGeneratedNever();
            entity.HasOne<Credit>().WithMany().HasForeignKey(entry => entry.CreditId);
            entity.HasOne<Organization>().WithMany().HasForeignKey(entry => entry.OrganizationId);
            entity.HasIndex(entry => new { entry.OrganizationId, entry.At });
            entity.Ignore(entry => entry.Amount);
        });
        builder.Entity<ClosedPeriod>(entity =>
        {
            entity.ToTable("closed_periods").HasKey(period => new { period.OrganizationId, period.From });
            entity.HasOne<Organization>().WithMany().HasForeignKey(period => period.OrganizationId);
        });
        builder.Entity<PaymentEventRow>(entity =>
        {
            entity.ToTable("payment_events").HasKey(row => row.Id);
            entity.HasIndex(row => row.ReceivedAt);
        });
    }
}
