using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Billing;

/// <summary>An organization's tax IDs.</summary>
public static class TaxIdsEndpoints
{
    public static IEndpointRouteBuilder MapTaxIds(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/api/v1/organizations/{org}/billing/tax-ids").WithTags("Billing");
        group.MapGet("", ListAsync).WithName("ListTaxIds").WithSummary("List tax IDs, with what the tax office says of them");
        group.MapPost("", AddAsync).WithName("AddTaxId").WithSummary("Add a tax ID; Stripe prints it on invoices from then on");
        group.MapDelete("/{id}", RemoveAsync).WithName("RemoveTaxId").WithSummary("Remove a tax ID; invoices that were issued keep it");
        return api;
    }

    /// <param name="Type">As Stripe calls it.</param>
    /// <param name="Value">Spaces, dots, dashes and slashes in it do not matter.</param>
    public sealed record AddTaxIdBody([Needed, OneOf<TaxIdTypeWords>] string? Type, [Needed] string? Value);

    /// <param name="Verification">What the tax office says of it, by Stripe's word; unavailable where nobody can be asked.</param>
    /// <param name="VerifiedName">Who it belongs to, as the tax office has it.</param>
    /// <param name="Problem">Why Stripe refused it.</param>
    public sealed record TaxIdBody(
        string Id,
        string Type,
        string Value,
        [OneOf<TaxIdStateWords>] string State,
        [OneOf<TaxIdVerificationWords>] string Verification,
        string? VerifiedName,
        string? Problem,
        DateTimeOffset CreatedAt
    );

    private static Task<ListAnswer<PageOf<TaxIdBody>>> ListAsync(
        string org,
        ApiContext context,
        ListTaxIds list,
        CancellationToken cancellationToken
    ) => context.ListWholeAsync(() => list.RunAsync(context.Actor, org, cancellationToken), one => one.Id.ToString(), Body);

    private static Task<AcceptedAnswer<TaxIdBody>> AddAsync(
        string org,
        AddTaxIdBody body,
        ApiContext context,
        AddTaxId add,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => add.RunAsync(context.Actor, org, body.Type, body.Value, cancellationToken),
            _ => $"/api/v1/organizations/{org}/billing/tax-ids",
            Body
        );

    private static async Task<EmptyAnswer> RemoveAsync(
        string org,
        string id,
        ApiContext context,
        RemoveTaxId remove,
        CancellationToken cancellationToken
    ) => (await remove.RunAsync(context.Actor, org, id, cancellationToken)).ToNoContent();

    private static TaxIdBody Body(TaxId one) =>
        new(
            one.Id.ToString(),
            one.Type,
            one.Value,
            one.State.Text(),
            one.Verification.Text(),
            one.VerifiedName,
            one.ProblemMessage,
            one.CreatedAt
        );
}

internal sealed class TaxIdTypeWords : IWords
{
    public static string[] All => [.. TaxIdFormats.All.Select(format => format.Type)];
}

internal sealed class TaxIdStateWords : IWords
{
    public static string[] All => [.. Enum.GetValues<TaxIdState>().Select(state => state.Text())];
}

internal sealed class TaxIdVerificationWords : IWords
{
    public static string[] All => [.. Enum.GetValues<TaxIdVerification>().Select(verification => verification.Text())];
}
