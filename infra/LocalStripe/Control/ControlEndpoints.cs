using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using LocalStripe.Customers;
using LocalStripe.Events;
using LocalStripe.Invoices;
using LocalStripe.Storage;

namespace LocalStripe.Control;

/// <summary>
/// Steering for tests, at <c>/_control</c>: no part of Stripe. Loopback only, and only for callers that send JSON or nothing
/// and no <c>Origin</c>, so that no web page can reach it through a browser.
/// </summary>
internal sealed class ControlEndpoints(Database database, Faults faults, WebhookFaults webhookFaults, WebhookSender sender)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapPost(
            "/_control/faults",
            (HttpContext context) =>
                RunAsync<FaultRequest>(
                    context,
                    request =>
                    {
                        faults.Add(
                            new Fault(
                                request.Kind,
                                request.Path,
                                request.Method?.ToUpperInvariant(),
                                request.Times,
                                request.Milliseconds,
                                request.Customer
                            )
                        );
                        return ValueTask.FromResult(true);
                    }
                )
        );
        app.MapPost(
            "/_control/webhooks/faults",
            (HttpContext context) =>
                RunAsync<WebhookFaultRequest>(
                    context,
                    request =>
                    {
                        webhookFaults.Add(request.Kind, request.Times);
                        return ValueTask.FromResult(true);
                    }
                )
        );
        app.MapPost(
            "/_control/webhooks/url",
            (HttpContext context) =>
                RunAsync<WebhookUrlRequest>(
                    context,
                    request =>
                    {
                        sender.Url = request.Url;
                        return ValueTask.FromResult(true);
                    }
                )
        );
        app.MapPost(
            "/_control/payment_methods/{id}",
            (HttpContext context, string id) =>
                RunAsync<CardRequest>(context, request => SetCardAsync(id, request.Fail, context.RequestAborted))
        );
        app.MapPost(
            "/_control/customers/{id}/delete",
            (HttpContext context, string id) =>
                RunAsync<DeletionRequest>(context, request => DeleteCustomerAsync(id, request.KeepDrafts, context.RequestAborted))
        );
        app.MapPost(
            "/_control/invoices/{id}/act",
            (HttpContext context, string id) =>
                RunAsync<ActRequest>(
                    context,
                    async request => await database.RunAsync(work => OutsideActs.Do(work, id, request.Act), context.RequestAborted)
                )
        );
        app.MapPost(
            "/_control/events/{id}/resend",
            (HttpContext context, string id) => GuardedAsync(context, () => ResendAsync(id, context.RequestAborted))
        );
        app.MapDelete(
            "/_control/faults",
            (HttpContext context) =>
                GuardedAsync(
                    context,
                    () =>
                    {
                        faults.Clear();
                        webhookFaults.Clear();
                        return ValueTask.FromResult(true);
                    }
                )
        );
    }

    private async ValueTask<bool> SetCardAsync(string id, string? fail, CancellationToken cancellationToken) =>
        await database.RunAsync(
            work =>
            {
                if (work.Find("payment_method", id) is null)
                    return false;
                var hidden = work.Hidden(id);
                hidden["fail"] = fail;
                work.SetHidden(id, hidden);
                return true;
            },
            cancellationToken
        );

    private async ValueTask<bool> DeleteCustomerAsync(string id, bool keepDrafts, CancellationToken cancellationToken) =>
        await database.RunAsync(
            work =>
            {
                if (work.Find("customer", id) is not { } customer || customer["deleted"] is not null)
                    return false;
                CustomerDeletion.Delete(work, customer, keepDrafts);
                return true;
            },
            cancellationToken
        );

    private async ValueTask<bool> ResendAsync(string id, CancellationToken cancellationToken)
    {
        var known = await database.RunAsync(
            work =>
            {
                if (work.Find("event", id) is null)
                    return false;
                work.Execute("INSERT INTO deliveries (event, due) VALUES ($event, $due)", ("$event", id), ("$due", work.Now));
                return true;
            },
            cancellationToken
        );
        sender.Wake();
        return known;
    }

    private static async Task RunAsync<T>(HttpContext context, Func<T, ValueTask<bool>> act)
        where T : class
    {
        if (!context.Request.HasJsonContentType())
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        T? request;
        try
        {
            request = await context.Request.ReadFromJsonAsync<T>(Json, context.RequestAborted);
        }
        catch (JsonException wrong)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync(wrong.Message, context.RequestAborted);
            return;
        }

        await GuardedAsync(context, () => request is null ? ValueTask.FromResult(false) : act(request));
    }

    private static async Task GuardedAsync(HttpContext context, Func<ValueTask<bool>> act)
    {
        var allowed =
            context.Connection.RemoteIpAddress is { } address
            && IPAddress.IsLoopback(address)
            && context.Request.Host.Host is "localhost" or "127.0.0.1" or "[::1]"
            && context.Request.Headers.Origin.Count == 0;
        context.Response.StatusCode =
            !allowed ? StatusCodes.Status403Forbidden
            : await act() ? StatusCodes.Status204NoContent
            : StatusCodes.Status404NotFound;
    }

    private sealed record FaultRequest(
        FaultKind Kind,
        string Path,
        string? Method = null,
        int Times = 1,
        int Milliseconds = 0,
        string? Customer = null
    );

    private sealed record WebhookFaultRequest(WebhookFault Kind, int Times = 1);

    private sealed record WebhookUrlRequest(Uri? Url);

    private sealed record DeletionRequest(bool KeepDrafts = false);

    private sealed record ActRequest(OutsideAct Act);

    private sealed record CardRequest(string? Fail);
}
