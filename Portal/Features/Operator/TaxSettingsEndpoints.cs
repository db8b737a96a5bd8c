using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Features.Billing;

namespace Portal.Features.Operator;

/// <summary>How taxes are charged, and who is exempt.</summary>
public static class TaxSettingsEndpoints
{
    internal static void MapTaxSettings(this RouteGroupBuilder group)
    {
        group.MapGet("/tax-settings", ListAsync).WithName("ListTaxSettings").WithSummary("List tax settings, newest start first");
        group
            .MapPost("/tax-settings", PublishAsync)
            .WithName("PublishTaxSettings")
            .WithSummary("Publish tax settings: they apply to billing periods that end after their start");
        group
            .MapDelete("/tax-settings/{id}", WithdrawAsync)
            .WithName("WithdrawTaxSettings")
            .WithSummary("Withdraw tax settings that have not started yet");
        group
            .MapGet("/organizations/{org}/tax", GetAsync)
            .WithName("GetTaxOfCustomer")
            .WithSummary("Get an organization's billing address, and how its invoices are taxed");
        group
            .MapPut("/organizations/{org}/tax", SetAsync)
            .WithName("SetTaxExemption")
            .WithSummary("Exempt an organization from tax, have it account for tax itself, or let the rules decide");
    }

    /// <param name="Country">ISO 3166-1, two letters.</param>
    /// <param name="Region">A state or province, without the country, such as CA; leave it out for all of the country.</param>
    /// <param name="Name">As it stands on invoices, such as VAT.</param>
    /// <param name="Percent">From 0 to 100, with up to four decimals.</param>
    /// <param name="Inclusive">Prices contain it; left out, it comes on top.</param>
    public sealed record PublishTaxRateBody(
        [Needed] string? Country,
        string? Region,
        [Needed] string? Name,
        [Needed] decimal? Percent,
        bool? Inclusive
    );

    /// <param name="Mode">None charges no tax, rates charges by the rates given, stripe has Stripe Tax work it out.</param>
    /// <param name="SellerCountry">Your own country; needed unless no tax is charged.</param>
    /// <param name="WhenLocationUnknown">What becomes of an invoice without a billing address; left out, it waits.</param>
    /// <param name="StartsAt">May lie in the past, back to the end of the last issued invoice; left out, it is now.</param>
    /// <param name="Rates">For the mode rates.</param>
    public sealed record PublishTaxSettingsBody(
        [Needed, OneOf<TaxModeWords>] string? Mode,
        string? SellerCountry,
        [OneOf<UnknownLocationWords>] string? WhenLocationUnknown,
        DateTimeOffset? StartsAt,
        IReadOnlyList<PublishTaxRateBody>? Rates
    );

    public sealed record TaxSettingsBody(
        string Id,
        [OneOf<TaxModeWords>] string Mode,
        string? SellerCountry,
        [OneOf<UnknownLocationWords>] string WhenLocationUnknown,
        DateTimeOffset StartsAt,
        IReadOnlyList<BillingTaxEndpoints.TaxRateBody> Rates,
        DateTimeOffset PublishedAt,
        string PublishedBy,
        bool IsInForce,
        bool IsScheduled
    );

    /// <param name="Exemption">None lets the rules decide.</param>
    /// <param name="Reason">Needed unless the exemption is none. It is in the customer's audit log, and on invoices of organizations that
    /// are exempt.</param>
    public sealed record SetTaxExemptionBody([Needed, OneOf<TaxExemptionWords>] string? Exemption, string? Reason);

    private static Task<ListAnswer<PageOf<TaxSettingsBody>>> ListAsync(
        ApiContext context,
        ListTaxSettings list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            view => SortKey.Of(view.Book.StartsAt, SortKey.Of(view.Book.PublishedAt, view.Book.Id.ToString())),
            view => Body(view.Book, view.IsInForce, view.IsScheduled),
            descending: true
        );

    private static Task<CreatedAnswer<TaxSettingsBody>> PublishAsync(
        PublishTaxSettingsBody body,
        ApiContext context,
        PublishTaxSettings publish,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) =>
        context.CreatedAsync(
            () =>
                publish.RunAsync(
                    context.Actor,
                    new(
                        body.Mode,
                        body.SellerCountry,
                        body.WhenLocationUnknown,
                        body.StartsAt,
                        body.Rates is null
                            ? null
                            :
                            [
                                .. body.Rates.Select(rate => new TaxRateWish(
                                    rate.Country,
                                    rate.Region,
                                    rate.Name,
                                    rate.Percent,
                                    rate.Inclusive ?? false
                                )),
                            ]
                    ),
                    cancellationToken
                ),
            _ => "/api/v1/operator/tax-settings",
            book => Body(book, false, book.StartsAt > clock.Now())
        );

    private static async Task<EmptyAnswer> WithdrawAsync(
        string id,
        ApiContext context,
        WithdrawTaxSettings withdraw,
        CancellationToken cancellationToken
    ) => (await withdraw.RunAsync(context.Actor, id, cancellationToken)).ToNoContent();

    private static async Task<Answer<BillingTaxEndpoints.BillingTaxBody>> GetAsync(
        string org,
        ApiContext context,
        GetTaxOfCustomer get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, cancellationToken)).ToOk(BillingTaxEndpoints.Body);

    private static async Task<Answer<BillingTaxEndpoints.BillingTaxBody>> SetAsync(
        string org,
        SetTaxExemptionBody body,
        ApiContext context,
        SetTaxExemption set,
        CancellationToken cancellationToken
    ) => (await set.RunAsync(context.Actor, org, body.Exemption, body.Reason, cancellationToken)).ToOk(BillingTaxEndpoints.Body);

    private static TaxSettingsBody Body(TaxBook book, bool inForce, bool scheduled) =>
        new(
            book.Id.ToString(),
            book.Mode.Text(),
            book.SellerCountry,
            book.WhenUnknown.Text(),
            book.StartsAt,
            [.. book.Rates.Select(BillingTaxEndpoints.Body)],
            book.PublishedAt,
            book.PublishedBy,
            inForce,
            scheduled
        );
}
