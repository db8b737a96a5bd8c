using System.Text.Json;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>Settings of billing.</summary>
/// <param name="DaysUntilDue">Of invoices that are not paid by card.</param>
/// <param name="CloseAfter">How long after a month's end the automatic close waits for what is late.</param>
public sealed record BillingSettings(int DaysUntilDue, TimeSpan CloseAfter)
{
    public static BillingSettings Default { get; } = new(30, TimeSpan.FromHours(24));
}

/// <summary>The parameters of a <c>month-close</c> job, kept as JSON.</summary>
/// <param name="Early">Ends periods at their last complete point, inside a month still running.</param>
public sealed record MonthCloseParameters(bool Early)
{
    public const string Kind = "month-close";

    public static MonthCloseParameters Of(Job job) => JsonSerializer.Deserialize<MonthCloseParameters>(job.Parameters) ?? new(false);

    public override string ToString() => JsonSerializer.Serialize(this);
}

/// <summary>The operator closes a month. While a close of it runs that job is returned, not a second one.</summary>
public sealed class CloseMonth(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="early">Also while the month is running: up to the last complete point.</param>
    public async Task<Outcome<Job>> RunAsync(Actor actor, Month month, bool early, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "month.close", month.ToString(), new Dictionary<string, string> { ["early"] = early ? "true" : "false" });
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk) return allowed.Problem;
        var now = clock.Now();
        if (month.Start > now) return new Problem.Invalid("month-in-future", $"{month} has not begun. Choose a month that has.", "month");
        if (month.End > now && !early)
            return new Problem.Conflict("month-running", $"{month} runs until {Instants.Text(month.End)}. Wait until it is over, or close it early.", "early");
        return await database.WriteAsync<Job>(actor, null, operation, async session =>
            await session.Jobs.FindRunningAsync(MonthCloseParameters.Kind, month.ToString(), cancellationToken) is { } running
                ? running
                : Add(session, month, early && month.End > now, clock), cancellationToken);
    }

    internal static Job Add(IPortalSession session, Month month, bool early, TimeProvider clock)
    {
        var job = new Job(new JobId(clock.NewUuid()), MonthCloseParameters.Kind, month.ToString(), clock.Now()).With(new MonthCloseParameters(early).ToString());
        session.Jobs.Add(job);
        return job;
    }
}
