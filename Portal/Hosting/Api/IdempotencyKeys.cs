using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Shell;

namespace Portal.Hosting.Api;

/// <summary>
/// <c>Idempotency-Key</c> on a POST of the API: the first answer is kept 24 hours, encrypted, and given again. Bound to
/// actor, path and body. Failures of the server are not kept: they may be tried again.
/// </summary>
internal sealed class IdempotencyKeys(RequestDelegate next, IKeptAnswers answers, IDataProtectionProvider protection)
{
    private const string Header = "Idempotency-Key";
    private const int LongestKey = 255;

    private readonly IDataProtector _protector = protection.CreateProtector("Portal.KeptAnswers");

    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[Header].ToString();
        var actor = ActorClaims.SubjectOf(context.User);
        if (sent.Length == 0 || actor is null || !HttpMethods.IsPost(context.Request.Method) || !context.Request.Path.StartsWithSegments("/api/v1"))
        {
            await next(context);
            return;
        }
        if (sent.Length > LongestKey)
        {
            await new Problem.Invalid("idempotency-key-too-long", $"An Idempotency-Key has at most {LongestKey} characters.").ToResult().ExecuteAsync(context);
            return;
        }
        context.Request.EnableBuffering();
        var bodyHash = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted);
        context.Request.Body.Position = 0;
        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{actor}\n{context.Request.Path}{context.Request.QueryString}\n{sent}"));
        switch (await answers.ReserveAsync(key, bodyHash, context.RequestAborted))
        {
            case AnswerSlot.Answered known:
                await RepeatAsync(context, known.Sealed);
                break;
            case AnswerSlot.InFlight:
                await new Problem.Conflict("idempotency-key-in-flight", "The first request with this Idempotency-Key is still being carried out. Ask again in a moment.").ToResult().ExecuteAsync(context);
                break;
            case AnswerSlot.OtherBody:
                await ProblemAnswers.Of(
                    "idempotency-key-reused", "This Idempotency-Key was used with a different body within the last 24 hours. Use a new key for a new request.",
                    StatusCodes.Status422UnprocessableEntity).ExecuteAsync(context);
                break;
            default:
                await CarryOutAsync(context, key);
                break;
        }
    }

    private async Task CarryOutAsync(HttpContext context, byte[] key)
    {
        var wire = context.Response.Body;
        using var copy = new MemoryStream();
        context.Response.Body = copy;
        var keep = false;
        try
        {
            await next(context);
            keep = context.Response.StatusCode is < 500 and not (StatusCodes.Status401Unauthorized or StatusCodes.Status429TooManyRequests);
        }
        finally
        {
            context.Response.Body = wire;
            // The work is done whether or not the client still listens.
            if (keep) await answers.KeepAsync(key, Seal(context.Response, copy.ToArray()), CancellationToken.None);
            else await answers.ReleaseAsync(key, CancellationToken.None);
        }
        // Writing nothing would begin the answer, and a bare status is still to be put into words.
        if (copy.Length > 0) await wire.WriteAsync(copy.GetBuffer().AsMemory(0, (int)copy.Length), context.RequestAborted);
    }

    private byte[] Seal(HttpResponse response, byte[] body) =>
        _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(new Kept(response.StatusCode, response.ContentType, response.Headers.Location.ToString(), body)));

    private async Task RepeatAsync(HttpContext context, byte[] kept)
    {
        var answer = JsonSerializer.Deserialize<Kept>(_protector.Unprotect(kept))!;
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        if (answer.Location.Length > 0) context.Response.Headers.Location = answer.Location;
        context.Response.Headers["Idempotency-Replayed"] = "true";
        if (answer.Body.Length > 0) await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private sealed record Kept(int Status, string? ContentType, string Location, byte[] Body);
}
