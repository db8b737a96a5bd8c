using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What somebody expects an organization to use in a month: what the price calculator asks.</summary>
/// <param name="DataIn">GiB a month.</param>
/// <param name="DataOut">GiB a month, over all subscriptions.</param>
/// <param name="Stored">GiB on average.</param>
/// <param name="Partitions">Present all month; a topic without partitions counts as one.</param>
/// <param name="Connectors">Instances that run all month.</param>
public sealed record ExpectedMonth(decimal DataIn, decimal DataOut, decimal Stored, int Partitions, int Connectors)
{
    /// <summary>1 PiB. More than that is no question for a calculator.</summary>
    public const int MostGiB = 1024 * 1024;

    public const int MostPieces = 100_000;

    /// <summary>What a calculator shows before anybody has said anything.</summary>
    public static readonly ExpectedMonth Example = new(100, 200, 50, 12, 1);

    /// <summary>
    /// Reads what stands in an address. What is missing or no number is the example's; what lies outside the bounds is brought inside.
    /// </summary>
    public static ExpectedMonth Read(string? dataIn, string? dataOut, string? stored, string? partitions, string? connectors) =>
        new(
            Size(dataIn, Example.DataIn),
            Size(dataOut, Example.DataOut),
            Size(stored, Example.Stored),
            Count(partitions, Example.Partitions),
            Count(connectors, Example.Connectors)
        );

    /// <summary>Rated as an invoice is, by the list's own tiers, minimums, and free quantities.</summary>
    public TopicCost Cost(PriceBook book) =>
        TopicCost.Rate(
            book,
            new Dictionary<Meter, decimal>
            {
                [Meter.Write] = DataIn * ByteSize.GiB,
                [Meter.Read] = DataOut * ByteSize.GiB,
                [Meter.Storage] = Stored * ByteSize.GiB * TopicCost.HoursOfMonth,
                [Meter.Partitions] = (decimal)Partitions * TopicCost.HoursOfMonth,
                [Meter.Connectors] = (decimal)Connectors * TopicCost.HoursOfMonth,
            }
        );

    private static decimal Size(string? text, decimal otherwise) =>
        Number(text) is { } number ? decimal.Round(Math.Clamp(number, 0m, MostGiB), 2, MidpointRounding.AwayFromZero) : otherwise;

    private static int Count(string? text, int otherwise) =>
        Number(text) is { } number ? (int)decimal.Ceiling(Math.Clamp(number, 0m, MostPieces)) : otherwise;

    private static decimal? Number(string? text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
