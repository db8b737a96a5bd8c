using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Hosting.Api;

/// <summary>An answer as it went out, or was to go out.</summary>
internal sealed record KeptAnswer(int Status, string? ContentType, string Location, byte[] Body)
{
    public async Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        context.Response.ContentType = ContentType;
        if (Location.Length > 0)
            context.Response.Headers.Location = Location;
        context.Response.Headers["Idempotency-Replayed"] = "true";
        if (Body.Length > 0)
            await context.Response.Body.WriteAsync(Body, context.RequestAborted);
    }
}

/// <summary>Kept answers, encrypted with the key ring that all replicas share.</summary>
internal sealed class KeptAnswerSeal(IDataProtectionProvider protection, IKillPoints killPoints) : IAnswerSeal
{
    private readonly IDataProtector _protector = protection.CreateProtector("Portal.KeptAnswers");

    public async Task<byte[]> SealAsync(IResult answer, IServiceProvider services)
    {
        using var body = new MemoryStream();
        var apart = new DefaultHttpContext { RequestServices = services, Response = { Body = body } };
        await answer.ExecuteAsync(apart);
        var kept = Seal(apart.Response, body.ToArray());
        // The transaction that asked for it is about to commit.
        killPoints.Reached(KillPoint.RequestBeforeCommit);
        return kept;
    }

    public byte[] Seal(HttpResponse response, byte[] body) =>
        _protector.Protect(
            JsonSerializer.SerializeToUtf8Bytes(
                new KeptAnswer(response.StatusCode, response.ContentType, response.Headers.Location.ToString(), body)
            )
        );

    public KeptAnswer Open(byte[] kept) => JsonSerializer.Deserialize<KeptAnswer>(_protector.Unprotect(kept))!;
}
