using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Usage;
using Portal.Features.Api;

namespace Portal.Features.Migration;

/// <param name="Ready">true: nothing has to be settled first.</param>
/// <param name="Creates">Namespaces and what would come into them.</param>
/// <param name="Clashes">What topics share, the most serious first.</param>
/// <param name="LeftBehind">What doesn't carry over, whatever the topics are.</param>
/// <param name="Cost">Of the first month; null while no price list is in force.</param>
public sealed record DryRunBody(
    Guid Migration,
    string Name,
    DateTimeOffset At,
    bool Ready,
    MigrationTotalsBody Totals,
    IReadOnlyList<DryRunTargetBody> Creates,
    IReadOnlyList<DryRunClashBody> Clashes,
    IReadOnlyList<string> LeftBehind,
    DryRunCopyBody Copy,
    DryRunCostBody? Cost,
    IReadOnlyList<string> Assumptions
)
{
    internal static DryRunBody Of(DryRun run) =>
        new(
            run.Migration.Id.Value,
            run.Migration.Name,
            run.At,
            run.IsReady,
            new(
                run.Sums.Topics,
                run.Sums.Moving,
                run.Sums.Staying,
                run.Sums.Blocked,
                run.Sums.Internal,
                run.Sums.Messages,
                run.Sums.Bytes,
                run.Sums.Unsized
            ),
            [
                .. run.Targets.Select(one => new DryRunTargetBody(
                    one.Tenant,
                    one.Namespace,
                    one.IsThere,
                    one.HasNow,
                    one.Topics,
                    one.Partitions,
                    one.Blocked,
                    one.Problem,
                    (long?)one.RetentionRaisedTo?.TotalMinutes,
                    one.RetentionSizeRaisedTo,
                    (long?)one.KeptLonger?.Bytes
                )),
            ],
            [.. run.Clashes.Select(one => new DryRunClashBody(one.Code, one.Weight.Text(), one.Message, one.Topics, one.Examples))],
            run.Left,
            new(
                run.Copy.Messages,
                run.Copy.Bytes,
                run.Copy.Unsized,
                run.Copy.BytesPerSecond,
                (long?)run.Copy.Least?.TotalSeconds,
                (long?)run.Copy.Most?.TotalSeconds,
                run.Copy.Slowest
            ),
            run.Cost is not { } cost
                ? null
                : new(
                    cost.Plan,
                    cost.IsCharged,
                    cost.PriceList,
                    cost.Low.Currency.Code,
                    cost.Low.Minor,
                    cost.Likely.Minor,
                    cost.High.Minor,
                    [
                        .. cost.Lines.Select(line => new DryRunLineBody(
                            line.Meter.Text(),
                            line.Meter.Unit(),
                            line.Low,
                            line.High,
                            line.LowAmount.Minor,
                            line.LikelyAmount.Minor,
                            line.HighAmount.Minor,
                            line.Explanation
                        )),
                    ],
                    cost.KeptLonger is { } longer ? new(longer.Low.Minor, longer.Likely.Minor, longer.High.Minor) : null
                ),
            run.Assumptions
        );
}

/// <param name="Exists">false: the namespace would be created.</param>
/// <param name="TopicsNow">Topics that it has already.</param>
/// <param name="Problem">Why the namespace can't take them; null when it can.</param>
/// <param name="RetentionMinutes">What the namespace's retention time is raised to when the copy starts, so that nothing copied is deleted
/// before it's read; null where it stays.</param>
/// <param name="RetentionBytes">The same for its retention size in each partition.</param>
/// <param name="KeptLongerBytes">What the topics that it has already store on top once the raised retention is reached, estimated from the
/// last 24 hours; null for nothing.</param>
public sealed record DryRunTargetBody(
    string Tenant,
    string Namespace,
    bool Exists,
    int TopicsNow,
    int Topics,
    long Partitions,
    int Blocked,
    string? Problem,
    long? RetentionMinutes,
    long? RetentionBytes,
    long? KeptLongerBytes
);

/// <param name="Message">About the first of the topics.</param>
/// <param name="Examples">Up to five topics.</param>
public sealed record DryRunClashBody(
    string Code,
    [OneOf("blocks", "changes", "note")] string Weight,
    string Message,
    int Topics,
    IReadOnlyList<string> Examples
);

/// <param name="Bytes">Estimated.</param>
/// <param name="Unsized">Topics whose size isn't known.</param>
/// <param name="BytesPerSecond">The rate that was asked for.</param>
/// <param name="HeldBackBy">The topic that the plan's rate per partition holds back; null where the asked rate decides.</param>
public sealed record DryRunCopyBody(
    long Messages,
    long Bytes,
    int Unsized,
    long BytesPerSecond,
    long? LeastSeconds,
    long? MostSeconds,
    string? HeldBackBy
);

/// <param name="PlanName">For people.</param>
/// <param name="Charged">false: the plan is free, and the amounts are what usage would cost on Pay as you go.</param>
/// <param name="Low">In minor units.</param>
/// <param name="Likely">In minor units, if sizes and traffic stay as they were measured.</param>
/// <param name="High">In minor units.</param>
/// <param name="KeptLonger">What of the storage is that of topics already in the namespaces, whose messages are kept longer; null for
/// none.</param>
public sealed record DryRunCostBody(
    string PlanName,
    bool Charged,
    string PriceList,
    string Currency,
    long Low,
    long Likely,
    long High,
    IReadOnlyList<DryRunLineBody> Lines,
    DryRunSpanBody? KeptLonger
);

/// <param name="LowAmount">In minor units.</param>
/// <param name="LikelyAmount">In minor units, if sizes and traffic stay as they were measured.</param>
/// <param name="HighAmount">In minor units.</param>
public sealed record DryRunSpanBody(long LowAmount, long LikelyAmount, long HighAmount);

/// <param name="LowQuantity">In unit.</param>
/// <param name="LowAmount">In minor units.</param>
/// <param name="LikelyAmount">In minor units, if sizes and traffic stay as they were measured.</param>
/// <param name="Explanation">How the high quantity became its amount.</param>
public sealed record DryRunLineBody(
    [OneOf<MeterWords>] string Meter,
    [OneOf<UnitWords>] string Unit,
    decimal LowQuantity,
    decimal HighQuantity,
    long LowAmount,
    long LikelyAmount,
    long HighAmount,
    string Explanation
);
