using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>The plans as they are shipped: version 1, until the operator publishes others.</summary>
internal static class ShippedPlans
{
    public static PlanVersion Of(PlanCode plan, DateTimeOffset at = default, string by = "") =>
        plan switch
        {
            PlanCode.Free => new(
                plan,
                1,
                "Free",
                Limits(
                    1,
                    2,
                    5,
                    4,
                    100,
                    ByteSize.MiB / 2,
                    5,
                    5,
                    5,
                    2 * 24 * 60,
                    512 * ByteSize.MiB,
                    256 * ByteSize.MiB,
                    1,
                    50,
                    ByteSize.MiB,
                    0,
                    16 * ByteSize.MiB
                ),
                at,
                by,
                Note
            ),
            PlanCode.Payg => new(
                plan,
                1,
                "Pay as you go",
                Limits(
                    10,
                    20,
                    100,
                    128,
                    5_000,
                    25 * ByteSize.MiB,
                    50,
                    50,
                    50,
                    30 * 24 * 60,
                    10 * ByteSize.GiB,
                    5 * ByteSize.GiB,
                    10,
                    1_000,
                    ByteSize.MiB,
                    20,
                    64 * ByteSize.MiB
                ),
                at,
                by,
                Note
            ),
            PlanCode.Dedicated => new(
                plan,
                1,
                "Dedicated",
                Limits(null, null, null, null, null, null, 500, 500, 500, null, null, null, null, null, null, 200, 256 * ByteSize.MiB),
                at,
                by,
                Note
            ),
        };

    private const string Note = "Shipped with Portal";

    /// <param name="values">In the order of <see cref="LimitKinds.All"/>.</param>
    private static PlanLimits Limits(params long?[] values) =>
        new(LimitKinds.All.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second));
}

/// <summary>Publishes the shipped version of every plan that has none yet: at the first start.</summary>
public sealed class EnsureShippedPlans(IPortalDatabase database, TimeProvider clock)
{
    /// <summary>How many were published now.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var missing = await database.ReadAsync(session => MissingAsync(session, cancellationToken), cancellationToken);
        if (missing.Count == 0)
            return 0;
        var worker = Actor.Worker("plans");
        var operation = new Operation(
            Permission.OperatePlatform,
            "plan.publish",
            string.Join(", ", missing.Select(Plan.Text)),
            new Dictionary<string, string> { ["version"] = "1" }
        );
        var written = await database.WriteAsync<int>(
            worker,
            null,
            operation,
            async session =>
            {
                // Another replica may have been first.
                var still = await MissingAsync(session, cancellationToken);
                foreach (var plan in still)
                    session.Plans.Add(ShippedPlans.Of(plan, clock.Now(), "Portal"));
                return still.Count;
            },
            cancellationToken
        );
        return written.IsOk ? written.Value : 0;
    }

    private static async Task<IReadOnlyList<PlanCode>> MissingAsync(IPortalSession session, CancellationToken cancellationToken)
    {
        var known = (await session.Plans.NewestAsync(cancellationToken)).Select(version => version.Plan).ToHashSet();
        return [.. Plan.All.Where(plan => !known.Contains(plan))];
    }
}
