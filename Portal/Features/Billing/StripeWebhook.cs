using System.Text;
using Portal.Domain.Billing;
using Portal.Features.Api;

namespace Portal.Features.Billing;

public static class StripeWebhook
{
    // Stripe's largest events are far below.
    private const int LargestBody = 1 << 20;

    /// <summary><c>/webhooks/stripe</c>: the signature is over the bytes as they came, so the body is read raw.</summary>
    public static IEndpointRouteBuilder MapStripeWebhook(this IEndpointRouteBuilder app)
    {
        app.MapPost("/webhooks/stripe", async (HttpRequest request, ReceivePaymentEvent receive, CancellationToken cancellationToken) =>
        {
            if (request.ContentLength is > LargestBody) return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
            using var reader = new StreamReader(request.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            var outcome = await receive.RunAsync(await reader.ReadToEndAsync(cancellationToken), request.Headers["Stripe-Signature"].ToString(), cancellationToken);
            return outcome.TryGet(out _, out var problem) ? Results.Ok() : problem.ToResult();
        }).ExcludeFromDescription().DisableAntiforgery();
        return app;
    }
}
