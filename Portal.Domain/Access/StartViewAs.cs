using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>A look that was just begun: the only time its token is shown.</summary>
public sealed record StartedViewAs(ViewAs Look, string Token);

/// <summary>
/// Opens a customer's organization to an operator: for a reason, for a time, reading only. It stands in the customer's
/// audit log before anything was seen, and so does everything that is looked at.
/// </summary>
public sealed class StartViewAs(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public const int ShortestReason = 5;
    public const int LongestReason = 300;
    public const int MostMinutes = 240;

    /// <summary>What a token begins with, so that a leaked one is recognised.</summary>
    public const string TokenPrefix = "ptl_view_";

    public async Task<Outcome<StartedViewAs>> RunAsync(
        Actor actor,
        string organization,
        string? reason,
        int? minutes,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.view-as", organization);
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (actor.AccountId is not { } account)
            return Roles.Refusal(Permission.OperatePlatform);
        var words = reason?.Trim() ?? "";
        if (words.Length is < ShortestReason or > LongestReason || words.Any(char.IsControl))
            return new Problem.Invalid(
                "reason-missing",
                $"Give the reason in {ShortestReason} to {LongestReason} characters on one line, for example a ticket number. "
                    + "The customer can see it.",
                "reason"
            );
        if (minutes is null or < 1 or > MostMinutes)
            return new Problem.Invalid("minutes-out-of-range", $"Choose 1 to {MostMinutes} minutes.", "minutes");
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(organization, cancellationToken),
            cancellationToken
        );
        if (found is null)
            return Missing;

        var token = TokenPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var now = clock.Now();
        var look = new ViewAs(new(clock.NewUuid()), account, found.Id, words, now, now.AddMinutes(minutes.Value), Hash(token));
        var told = operation with
        {
            Details = new Dictionary<string, string>
            {
                ["reason"] = words,
                ["minutes"] = $"{minutes}",
                ["viewAs"] = look.Id.ToString(),
            },
        };
        return await database.WriteAsync<StartedViewAs>(
            actor,
            found.Id,
            told,
            session =>
            {
                session.ViewAs.Add(look);
                return Task.FromResult(Outcome.Of(new StartedViewAs(look, token)));
            },
            cancellationToken
        );
    }

    /// <summary>As it is kept: SHA-256.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    internal static Problem.NotFound Missing =>
        new("organization-not-found", "We couldn't find an organization with this URL name. See the list on the operator's page.");
}

/// <summary>Ends the operator's look at an organization before its time.</summary>
public sealed class EndViewAs(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.view-as.end", organization);
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var found = await database.ReadAsync(
            session => session.Organizations.FindAsync(organization, cancellationToken),
            cancellationToken
        );
        if (found is null)
            return StartViewAs.Missing;
        return await database.WriteAsync<Done>(
            actor,
            found.Id,
            operation,
            async session =>
            {
                foreach (var look in await session.ViewAs.RunningAsync(actor.AccountId!.Value, clock.Now(), cancellationToken))
                    if (look.OrganizationId == found.Id)
                        look.End(clock.Now());
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}
