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
        app.MapPost(
                "/webhooks/stripe",
                async (HttpRequest request, ReceivePaymentEvent receive, CancellationToken cancellationToken) =>
                {
                    if (await ReadAsync(request, cancellationToken) is not { } body)
                        return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
                    var outcome = await receive.RunAsync(body, request.Headers["Stripe-Signature"].ToString(), cancellationToken);
                    return outcome.TryGet(out _, out var problem) ? Results.Ok() : problem.ToResult();
                }
            )
            .ExcludeFromDescription()
            .DisableAntiforgery();
        return app;
    }

    /// <summary>Null for what is too large, whether or not it said so: until the signature is checked, the sender may be anybody.</summary>
    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength is > LargestBody)
            return null;
        using var body = new MemoryStream();
        var part = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(part, cancellationToken)) > 0; )
        {
            if (body.Length + read > LargestBody)
                return null;
            body.Write(part, 0, read);
        }
        return Encoding.UTF8.GetString(body.GetBuffer().AsSpan(0, (int)body.Length));
    }
}
