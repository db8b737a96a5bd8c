using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Plans;

/// <summary>
/// The operator publishes a plan's next version. It holds at once where the portal decides, and goes to the brokers
/// namespace by namespace. Who has more than it allows keeps it, and makes no more until it fits.
/// </summary>
public sealed class PublishPlan(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="limits">Every limit by name: a whole number, or null for no limit.</param>
    /// <param name="note">Why.</param>
    /// <param name="basedOn">The newest version that the operator saw; with another one there it is refused as <c>plan-changed</c>.</param>
    public async Task<Outcome<PlanVersion>> RunAsync(
        Actor actor,
        string? plan,
        string? name,
        IReadOnlyDictionary<string, long?>? limits,
        string? note,
        long? basedOn,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "plan.publish",
            Operation.Brief(plan),
            new Dictionary<string, string> { ["note"] = Operation.Brief(note) }
        );
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!Plan.TryParse(plan, out var code))
            return PlanProblems.Unknown;
        if (Check(name, limits, note) is { } problem)
            return problem;
        var (label, wanted, why) = (Label.Create(name, "name").Value, PlanProblems.Read(limits).Value, LimitRules.Note(note).Value);
        if (basedOn is not { } seen)
            return PlanProblems.BasedOnMissing("version");

        var before = (await database.ReadAsync(session => session.PlansAsync(cancellationToken), cancellationToken))[code];
        var details = LimitChanges.Of(before.Limits.ByName(), wanted.ByName());
        (details["version"], details["note"]) = ((seen + 1).ToString(CultureInfo.InvariantCulture), why);
        if (before.Name != label.Value)
            details["name"] = $"{before.Name} → {label.Value}";
        operation = new(Permission.OperatePlatform, "plan.publish", Plan.Text(code), details);
        return await database.WriteAsync<PlanVersion>(
            actor,
            null,
            operation,
            async session =>
            {
                var newest = (await session.PlansAsync(cancellationToken))[code];
                if (newest.Version != seen)
                    return new Problem.Conflict(
                        "plan-changed",
                        $"Version {newest.Version} of this plan was published in the meantime, and your change was based on "
                            + $"version {seen}. Reload it and make your change again.",
                        "basedOn"
                    );
                var version = new PlanVersion(code, seen + 1, label.Value, wanted, clock.Now(), actor.Name, why);
                session.Plans.Add(version);
                var apply = new ApplyPlanWork(code, version.Version);
                session.Work.Add(clock, apply, apply.Place(version.Name));
                return version;
            },
            cancellationToken
        );
    }

    /// <summary>What is wrong with what was typed, before anything is asked for; null for nothing.</summary>
    public static Problem? Check(string? name, IReadOnlyDictionary<string, long?>? limits, string? note) =>
        Label.Create(name, "name").Problem ?? PlanProblems.Read(limits).Problem ?? LimitRules.Note(note).Problem;
}

/// <summary>What changed, for the audit log.</summary>
internal static class LimitChanges
{
    internal static Dictionary<string, string> Of(IReadOnlyDictionary<string, long?> before, IReadOnlyDictionary<string, long?> after) =>
        LimitKinds
            .All.Select(kind => kind.Text())
            .Where(name => Text(before, name) != Text(after, name))
            .ToDictionary(name => name, name => $"{Text(before, name)} → {Text(after, name)}");

    private static string Text(IReadOnlyDictionary<string, long?> limits, string name) =>
        !limits.TryGetValue(name, out var value) ? "plan" : value?.ToString(CultureInfo.InvariantCulture) ?? "none";
}

/// <summary>The refusals that several use cases share.</summary>
internal static class PlanProblems
{
    internal static readonly Problem.Invalid Unknown = new("plan-unknown", "Choose one of the plans free, payg or dedicated.", "plan");

    internal static Problem.Invalid BasedOnMissing(string what) =>
        new(
            "based-on-missing",
            $"Send basedOn: the {what} that your change starts from, so that no other change is overwritten.",
            "basedOn"
        );

    internal static Outcome<PlanLimits> Read(IReadOnlyDictionary<string, long?>? limits)
    {
        if (!LimitRules.Parse(limits, complete: true).TryGet(out var values, out var problem))
            return problem;
        var wanted = new PlanLimits(values);
        return LimitRules.Contradiction(wanted) is { } contradiction ? contradiction : wanted;
    }
}
