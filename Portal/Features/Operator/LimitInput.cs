using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Features.Operator;

/// <summary>What is typed for one limit, in a unit that people think in.</summary>
public sealed class LimitInput
{
    public const string AsPlan = "plan";
    public const string Number = "number";
    public const string NoLimit = "none";

    private LimitInput(LimitKind kind, string choice, long? value) =>
        (Kind, Choice, Text) = (kind, choice, value is { } number ? InUnit(kind, number) : "");

    public LimitKind Kind { get; }

    /// <summary>As the plan, a number, or no limit.</summary>
    public string Choice { get; set; }

    /// <summary>The number as typed, in <see cref="Unit"/>.</summary>
    public string Text { get; set; }

    /// <summary>Null for what is counted.</summary>
    public string? Unit =>
        Kind switch
        {
            LimitKind.MessagesPerSecond => "msg/s",
            LimitKind.BytesPerSecond => "MiB/s",
            LimitKind.RetentionMinutes => "days",
            LimitKind.RetentionBytes or LimitKind.BacklogQuotaBytes => "MiB",
            LimitKind.WebSocketMessageBytes => "KiB",
            _ => null,
        };

    /// <summary>A plan's limits.</summary>
    public static IReadOnlyList<LimitInput> Of(PlanLimits limits) =>
        [.. LimitKinds.All.Select(kind => new LimitInput(kind, limits[kind] is null ? NoLimit : Number, limits[kind]))];

    /// <summary>An organization's own; a number begins as the plan's.</summary>
    public static IReadOnlyList<LimitInput> Of(OwnLimits own, PlanLimits plan) =>
        [
            .. LimitKinds.All.Select(kind =>
                own.Values.TryGetValue(kind, out var value)
                    ? new LimitInput(kind, value is null ? NoLimit : Number, value ?? plan[kind])
                    : new LimitInput(kind, AsPlan, plan[kind])
            ),
        ];

    /// <summary>By name, as the use cases take them.</summary>
    public static Outcome<IReadOnlyDictionary<string, long?>> Read(IEnumerable<LimitInput> inputs)
    {
        var read = new Dictionary<string, long?>();
        foreach (var input in inputs)
        {
            if (input.Choice == AsPlan)
                continue;
            if (input.Choice == NoLimit)
            {
                read[input.Kind.Text()] = null;
                continue;
            }
            if (
                !decimal.TryParse(
                    input.Text.Trim(),
                    NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out var typed
                )
                || Math.Abs(typed) > 1_000_000_000_000
                || input.Unit is null or "msg/s" && typed != Math.Truncate(typed)
            )
                return new Problem.Invalid(
                    "limit-malformed",
                    $"{input.Kind.Title()}: enter a number{(input.Unit is { } unit ? $" of {unit}" : "")}, or choose “No limit”.",
                    input.Kind.Text()
                );
            read[input.Kind.Text()] = (long)Math.Round(typed * Factor(input.Kind));
        }
        return Outcome.Of<IReadOnlyDictionary<string, long?>>(read);
    }

    private static string InUnit(LimitKind kind, long value) =>
        ((decimal)value / Factor(kind)).ToString("0.######", CultureInfo.InvariantCulture);

    private static decimal Factor(LimitKind kind) =>
        kind switch
        {
            LimitKind.BytesPerSecond or LimitKind.RetentionBytes or LimitKind.BacklogQuotaBytes => ByteSize.MiB,
            LimitKind.RetentionMinutes => 24 * 60,
            LimitKind.WebSocketMessageBytes => ByteSize.KiB,
            _ => 1,
        };
}
