using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LocalStripe.Control;
using LocalStripe.Storage;

namespace LocalStripe.Transport;

/// <summary>What happens around every API call: key check, faults asked for, idempotency, transaction, error answers.</summary>
internal sealed class Pipeline(Database database, Faults faults, string apiKey, TimeProvider clock)
{
    private const int KeptSeconds = 24 * 60 * 60;
    private readonly ConcurrentDictionary<string, bool> inFlight = new();

    public async Task RunAsync(HttpContext context, Handler handler)
    {
        var requestId = Ids.New("req", 14);
        context.Response.Headers["Request-Id"] = requestId;
        context.Response.Headers["Stripe-Version"] = context.Request.Headers["Stripe-Version"] is { Count: > 0 } asked
            ? asked
            : Api.Version;
        try
        {
            CheckKey(context.Request);
            var fault = faults.TakeFor(context.Request.Method, context.Request.Path, executing: false);
            if (fault is not null)
                await BeforeAsync(context, fault);
            var answer = await AnswerAsync(context, handler, requestId);
            if (fault is { Kind: FaultKind.TimeoutAfterCommit })
            {
                await DelayAsync(fault, context);
                context.Abort();
                return;
            }

            await WriteAsync(context, answer.Status, answer.Body);
        }
        catch (StripeError error)
        {
            if (error.Status == 429 && !error.IsKept)
                context.Response.Headers["Stripe-Rate-Limited-Reason"] = "endpoint-rate";
            await WriteAsync(context, error.Status, error.Body);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left; what was committed stays.
        }
    }

    private async Task<Answer> AnswerAsync(HttpContext context, Handler handler, string requestId)
    {
        var request = context.Request;
        using var reader = new StreamReader(request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var form = FormTree.Parse(request.QueryString.Value, body);
        var key = HttpMethods.IsPost(request.Method) ? (string?)request.Headers["Idempotency-Key"] : null;
        if (key is not null)
            context.Response.Headers["Idempotency-Key"] = key;
        if (key is { Length: > 255 })
            throw StripeError.Malformed("Idempotency keys may be at most 255 characters long.");
        if (key is not null && !inFlight.TryAdd(key, true))
            throw StripeError.KeyInUse(key);
        try
        {
            // A caller that gives up must not undo half of what it asked for: the work itself is not cancelled.
            return await database.RunAsync(
                work => Once(work, key, $"{request.Method} {request.Path}", form, context, () => Handle(work, handler, form, request)),
                CancellationToken.None,
                requestId,
                key
            );
        }
        finally
        {
            if (key is not null)
                inFlight.TryRemove(key, out _);
        }
    }

    private Answer Handle(Work work, Handler handler, FormTree form, HttpRequest request)
    {
        var fault = faults.TakeFor(request.Method, request.Path, executing: true, form.Child("customer")?.Value);
        if (fault is { Kind: FaultKind.ErrorBefore })
            throw StripeError.OurFault();
        if (fault is { Kind: FaultKind.LockTimeout })
            throw StripeError.Locked();
        var parameters = new Parameters(form);
        var expand = parameters.Texts("expand");
        var answer = handler(new ApiCall(work, parameters, request.Path, request.RouteValues));
        if (form.FirstUnread() is { } unknown)
            throw StripeError.Unknown(unknown);
        if (fault is { Kind: FaultKind.ErrorAfterCommit })
            return new Answer(500, StripeError.OurFault().Body);
        return answer.Status == 200 ? Expansion.Apply(work, answer.Body.DeepClone().AsObject(), expand) : answer;
    }

    /// <summary>A key answers as it did the first time, failures included; after 24 hours it is forgotten.</summary>
    private static Answer Once(Work work, string? key, string request, FormTree form, HttpContext context, Func<Answer> act)
    {
        if (key is null)
            return act();
        work.Execute("DELETE FROM answers WHERE created < $oldest", ("$oldest", work.Now - KeptSeconds));
        var fingerprint = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(form.Fingerprint())));
        using (var command = work.Command("SELECT request, fingerprint, status, body FROM answers WHERE key = $key", ("$key", key)))
        using (var row = command.ExecuteReader())
        {
            if (row.Read())
            {
                if (row.GetString(0) != request || row.GetString(1) != fingerprint)
                    throw StripeError.KeyUsedDifferently(key);
                context.Response.Headers["Idempotent-Replayed"] = "true";
                return new Answer(row.GetInt32(2), JsonNode.Parse(row.GetString(3))!.AsObject());
            }
        }

        var answer = Executed(work, act);
        work.Execute(
            "INSERT INTO answers VALUES ($key, $request, $fingerprint, $status, $body, $now)",
            ("$key", key),
            ("$request", request),
            ("$fingerprint", fingerprint),
            ("$status", answer.Status),
            ("$body", answer.Body.ToJsonString()),
            ("$now", work.Now)
        );
        return answer;
    }

    /// <summary>What is kept of a failure is its answer alone: all that the request changed is undone first.</summary>
    private static Answer Executed(Work work, Func<Answer> act)
    {
        work.Execute("SAVEPOINT request");
        try
        {
            return act();
        }
        catch (StripeError failure) when (failure.IsKept)
        {
            work.Execute("ROLLBACK TO request");
            return new Answer(failure.Status, failure.Body);
        }
    }

    private void CheckKey(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        var given =
            header.StartsWith("Bearer ", StringComparison.Ordinal) ? header["Bearer ".Length..].Trim()
            : header.StartsWith("Basic ", StringComparison.Ordinal) ? UserOf(header["Basic ".Length..])
            : "";
        if (given.Length == 0)
            throw StripeError.Unauthorized("You did not provide an API key.");
        if (!given.StartsWith("sk_test_", StringComparison.Ordinal))
            throw StripeError.Unauthorized(
                "LocalStripe takes test keys only (sk_test_…). A live key has no business here: roll it if it was real."
            );
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(apiKey)))
            throw StripeError.Unauthorized($"Invalid API Key provided: {given[..8]}****");
    }

    private static string UserOf(string basic)
    {
        var bytes = new byte[basic.Length];
        return Convert.TryFromBase64String(basic, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).Split(':')[0] : "";
    }

    private async Task BeforeAsync(HttpContext context, Fault fault)
    {
        if (fault.Kind == FaultKind.RateLimit)
            throw StripeError.TooMany();
        if (fault.Kind == FaultKind.Forbidden)
            throw StripeError.Forbidden();
        if (fault.Kind == FaultKind.Unavailable)
            throw StripeError.Away();
        if (fault.Kind == FaultKind.Latency)
            await DelayAsync(fault, context);
    }

    private Task DelayAsync(Fault fault, HttpContext context) =>
        fault.Milliseconds > 0
            ? Task.Delay(TimeSpan.FromMilliseconds(fault.Milliseconds), clock, context.RequestAborted)
            : Task.CompletedTask;

    private static async Task WriteAsync(HttpContext context, int status, JsonObject body)
    {
        // A kept failure would only be repeated: Stripe tells its clients not to try.
        if (status == 500)
            context.Response.Headers["Stripe-Should-Retry"] = "false";
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
