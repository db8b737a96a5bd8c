using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Common;
using Portal.Features.Api;
using Portal.Shell;

namespace Portal.Hosting.Api;

/// <summary>
/// <c>Idempotency-Key</c> on a POST of the API: the first answer is kept 24 hours, encrypted, and given again to whoever
/// may still do what was asked. Bound to actor, path and body. It is written in the transaction of the change, so that a
/// repeat after a death finds both or neither. Failures of the server are not kept: they may be tried again.
/// </summary>
internal sealed class IdempotencyKeys(RequestDelegate next, IKeptAnswers answers, KeptAnswerSeal seal, IKillPoints killPoints)
{
    private const string Header = "Idempotency-Key";
    private const int LongestKey = 255;

    private static readonly Problem.Conflict InFlight = new(
        "idempotency-key-in-flight",
        "The first request with this Idempotency-Key is still in progress. Try again in a moment."
    );

    public async Task InvokeAsync(HttpContext context)
    {
        var sent = context.Request.Headers[Header].ToString();
        var actor = ActorClaims.SubjectOf(context.User);
        if (
            sent.Length == 0
            || actor is null
            || !HttpMethods.IsPost(context.Request.Method)
            || !context.Request.Path.StartsWithSegments("/api/v1")
        )
        {
            await next(context);
            return;
        }
        if (sent.Length > LongestKey)
        {
            await new Problem.Invalid("idempotency-key-too-long", $"An Idempotency-Key has at most {LongestKey} characters.")
                .ToResult()
                .ExecuteAsync(context);
            return;
        }
        context.Request.EnableBuffering();
        var bodyHash = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted);
        context.Request.Body.Position = 0;
        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{actor}\n{context.Request.Path}{context.Request.QueryString}\n{sent}"));
        switch (await answers.ReserveAsync(key, bodyHash, context.RequestAborted))
        {
            case AnswerSlot.Answered known:
                await RepeatAsync(context, key, known.Sealed);
                break;
            case AnswerSlot.InFlight:
                await InFlight.ToResult().ExecuteAsync(context);
                break;
            case AnswerSlot.OtherBody:
                await ProblemAnswers
                    .Of(
                        "idempotency-key-reused",
                        "This Idempotency-Key was used with a different body within the last 24 hours. Use a new key for a new request.",
                        StatusCodes.Status422UnprocessableEntity
                    )
                    .ExecuteAsync(context);
                break;
            case AnswerSlot.Reserved reserved:
                await CarryOutAsync(context, key, reserved);
                break;
        }
    }

    private async Task CarryOutAsync(HttpContext context, byte[] key, AnswerSlot.Reserved reserved)
    {
        if (reserved.WasBegun)
            context.Features.Set(new RepeatedRequestFeature());
        var request = RepeatableRequest.Begin(key, reserved.Holder);
        var wire = context.Response.Body;
        using var copy = new MemoryStream();
        context.Response.Body = copy;
        var keep = false;
        try
        {
            await next(context);
            killPoints.Reached(KillPoint.RequestAfterCommit);
            keep = IsWorthKeeping(context.Response.StatusCode);
        }
        catch (ReservationLostException)
        {
            await InFlight.ToResult().ExecuteAsync(context);
        }
        finally
        {
            request.End();
            context.Response.Body = wire;
            // The work is done whether or not the client still listens.
            if (keep)
                await answers.KeepAsync(key, reserved.Holder, seal.Seal(context.Response, copy.ToArray()), CancellationToken.None);
            else
                await answers.ReleaseAsync(key, reserved.Holder, CancellationToken.None);
        }
        killPoints.Reached(KillPoint.RequestBeforeAnswer);
        // Writing nothing would begin the answer, and a bare status is still to be put into words.
        if (copy.Length > 0)
            await wire.WriteAsync(copy.GetBuffer().AsMemory(0, (int)copy.Length), context.RequestAborted);
    }

    /// <summary>
    /// Not what depends on who asks and when: signing in, a role or a pause may change it, and it changed nothing itself. Nor what the same
    /// body gets again anyway.
    /// </summary>
    private static bool IsWorthKeeping(int status) =>
        status
            is < 500
                and not (
                    StatusCodes.Status400BadRequest
                    or StatusCodes.Status401Unauthorized
                    or StatusCodes.Status403Forbidden
                    or StatusCodes.Status404NotFound
                    or StatusCodes.Status429TooManyRequests
                );

    /// <summary>Asks as if for the first time, as far as the guard: what it refuses now is refused, whatever was answered then.</summary>
    private async Task RepeatAsync(HttpContext context, byte[] key, byte[] kept)
    {
        var request = RepeatableRequest.BeginAnswered(key);
        var wire = context.Response.Body;
        using var refused = new MemoryStream();
        context.Response.Body = refused;
        try
        {
            await next(context);
        }
        catch (AnsweredBeforeException)
        {
            context.Response.Body = wire;
            await seal.Open(kept).WriteAsync(context);
            return;
        }
        finally
        {
            request.End();
            context.Response.Body = wire;
        }
        // It came to no guard: the endpoint itself refuses this body, and did so then.
        if (refused.Length > 0)
            await wire.WriteAsync(refused.GetBuffer().AsMemory(0, (int)refused.Length), context.RequestAborted);
    }
}
