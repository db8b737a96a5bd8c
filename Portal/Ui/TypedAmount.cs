using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Ui;

/// <summary>A unit that an amount may be typed in.</summary>
/// <param name="One">As it stands after 1.</param>
/// <param name="Many">As it stands after any other number, and in a list to choose from.</param>
/// <param name="Factor">How many of the base unit it is.</param>
public sealed record AmountUnit(string One, string Many, long Factor);

/// <summary>An amount as it stands in a field, in a unit that people think in. An empty field is no amount.</summary>
public sealed class TypedAmount
{
    /// <summary>Base unit: seconds.</summary>
    public static IReadOnlyList<AmountUnit> Seconds { get; } =
    [new("second", "seconds", 1), new("minute", "minutes", 60), new("hour", "hours", 3600), new("day", "days", 86_400)];

    /// <summary>Base unit: minutes.</summary>
    public static IReadOnlyList<AmountUnit> Minutes { get; } =
    [new("minute", "minutes", 1), new("hour", "hours", 60), new("day", "days", 1440)];

    /// <summary>Base unit: bytes.</summary>
    public static IReadOnlyList<AmountUnit> Bytes { get; } =
    [new("MiB", "MiB", ByteSize.MiB), new("GiB", "GiB", ByteSize.GiB), new("TiB", "TiB", ByteSize.TiB)];

    /// <summary>Base unit: bytes a second.</summary>
    public static IReadOnlyList<AmountUnit> Throughput { get; } =
    [new("KiB/s", "KiB/s", ByteSize.KiB), new("MiB/s", "MiB/s", ByteSize.MiB)];

    /// <summary>Base unit: messages a second.</summary>
    public static IReadOnlyList<AmountUnit> Rate { get; } = [new("msg/s", "msg/s", 1)];

    private const decimal Largest = 1_000_000_000_000;

    /// <param name="usual">The place of the unit that an empty field begins with.</param>
    public TypedAmount(IReadOnlyList<AmountUnit> units, long? value, int usual = 0)
    {
        Units = units;
        Unit = value is { } amount ? Fitting(units, amount) : units[usual];
        Text = value is { } typed ? Figure(typed, Unit) : "";
    }

    public IReadOnlyList<AmountUnit> Units { get; }

    public AmountUnit Unit { get; set; }

    public string Text { get; set; }

    /// <summary>For people, in the largest unit that it fills evenly: <c>7 days</c>, <c>1.5 GiB</c>.</summary>
    public static string Words(IReadOnlyList<AmountUnit> units, long value)
    {
        var unit = Fitting(units, value);
        return $"{Figure(value, unit, "#,##0.##")} {(value == unit.Factor ? unit.One : unit.Many)}";
    }

    /// <summary>In the base unit, rounded; null when nothing was typed.</summary>
    /// <returns>False for what is no number.</returns>
    public bool TryRead(out long? value)
    {
        value = null;
        if (string.IsNullOrWhiteSpace(Text))
            return true;
        const NumberStyles styles =
            NumberStyles.AllowDecimalPoint
            | NumberStyles.AllowThousands
            | NumberStyles.AllowLeadingSign
            | NumberStyles.AllowLeadingWhite
            | NumberStyles.AllowTrailingWhite;
        if (!decimal.TryParse(Text, styles, CultureInfo.InvariantCulture, out var typed) || Math.Abs(typed) > Largest)
            return false;
        var amount = decimal.Round(typed * Unit.Factor, MidpointRounding.AwayFromZero);
        if (Math.Abs(amount) > long.MaxValue)
            return false;
        value = (long)amount;
        return true;
    }

    private static AmountUnit Fitting(IReadOnlyList<AmountUnit> units, long value) =>
        units.LastOrDefault(unit => value != 0 && value % unit.Factor == 0)
        ?? units.LastOrDefault(unit => Math.Abs(value) >= unit.Factor)
        ?? units[0];

    private static string Figure(long value, AmountUnit unit, string format = "0.######") =>
        ((decimal)value / unit.Factor).ToString(format, CultureInfo.InvariantCulture);
}
