using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Features.Usage;

namespace Portal.Features.Billing;

/// <summary>Where an organization is billed, and how it is taxed.</summary>
public static class BillingTaxEndpoints
{
    public static IEndpointRouteBuilder MapBillingTax(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/billing").WithTags("Billing");
        group.MapGet("/tax", GetAsync).WithName("GetBillingTax").WithSummary("Get the billing address, and how invoices are taxed");
        group
            .MapPut("/address", SetAsync)
            .WithName("SetBillingAddress")
            .WithSummary("Set the billing address; invoices that wait for it are issued");
        return api;
    }

    /// <param name="Country">ISO 3166-1, two letters.</param>
    /// <param name="Region">State or province; in the United States and Canada as two letters.</param>
    /// <param name="PostalCode">Needed in the United States.</param>
    public sealed record BillingAddressBody(
        string? Line1,
        string? Line2,
        string? City,
        string? PostalCode,
        string? Region,
        [Needed] string? Country
    );

    /// <param name="Region">A state or province; null for all of the country.</param>
    /// <param name="Percent">For example 8.1.</param>
    /// <param name="Inclusive">Prices contain it; otherwise it comes on top.</param>
    public sealed record TaxRateBody(string Country, string? Region, string Name, decimal Percent, bool Inclusive);

    /// <param name="Organization">Its URL name.</param>
    /// <param name="Mode">How taxes are charged: not at all, by rates, or by Stripe Tax.</param>
    /// <param name="Address">Null while none is given.</param>
    /// <param name="Tax">How an invoice would be taxed now.</param>
    /// <param name="Note">Why, for the customer.</param>
    /// <param name="Rates">Those that apply.</param>
    /// <param name="Exemption">What an operator decided; none lets the rules decide.</param>
    /// <param name="WaitingInvoices">Numbers of invoices that can't be issued without a billing address.</param>
    public sealed record BillingTaxBody(
        string Organization,
        [OneOf<TaxModeWords>] string Mode,
        BillingAddressBody? Address,
        [OneOf<InvoiceTaxStateWords>] string Tax,
        string? Note,
        IReadOnlyList<TaxRateBody> Rates,
        [OneOf<TaxExemptionWords>] string Exemption,
        string? Reason,
        IReadOnlyList<string> WaitingInvoices
    );

    private static async Task<Answer<BillingTaxBody>> GetAsync(
        string org,
        ApiContext context,
        GetBillingTax get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, cancellationToken)).ToOk(Body);

    private static async Task<Answer<BillingTaxBody>> SetAsync(
        string org,
        BillingAddressBody body,
        ApiContext context,
        SetBillingAddress set,
        CancellationToken cancellationToken
    ) =>
        (
            await set.RunAsync(
                context.Actor,
                org,
                body.Line1,
                body.Line2,
                body.City,
                body.PostalCode,
                body.Region,
                body.Country,
                cancellationToken
            )
        ).ToOk(Body);

    internal static BillingTaxBody Body(TaxView view) =>
        new(
            view.Organization.Slug,
            view.Mode.Text(),
            view.Address is { } address
                ? new(address.Line1, address.Line2, address.City, address.PostalCode, address.State, address.Country)
                : null,
            view.Decision.State.Text(),
            view.Decision.Note,
            [.. view.Decision.Rates.Select(Body)],
            view.Exemption.Text(),
            view.Reason,
            view.Waiting
        );

    internal static TaxRateBody Body(TaxRate rate) =>
        new(rate.Country, rate.State, rate.Name, Numbers.Trim(rate.Percent), rate.IsInclusive);
}

internal sealed class TaxModeWords : IWords
{
    public static string[] All => [.. Enum.GetValues<TaxMode>().Select(mode => mode.Text())];
}

internal sealed class UnknownLocationWords : IWords
{
    public static string[] All => [.. Enum.GetValues<UnknownLocation>().Select(unknown => unknown.Text())];
}

internal sealed class TaxExemptionWords : IWords
{
    public static string[] All => [.. Enum.GetValues<TaxExemption>().Select(exemption => exemption.Text())];
}

internal sealed class InvoiceTaxStateWords : IWords
{
    public static string[] All => [.. Enum.GetValues<InvoiceTaxState>().Select(state => state.Text())];
}
