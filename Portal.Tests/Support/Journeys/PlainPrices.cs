using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;

namespace Portal.Tests.Support.Journeys;

/// <summary>A dear price book, and what it costs computed with whole numbers only: nothing of the portal's is used.</summary>
public static class PlainPrices
{
    // Price per unit in cents and the unit's size in the API's unit; storage and partitions are dear enough to show in seconds.
    private static readonly Dictionary<string, (string Per, string Price, BigInteger Cents, BigInteger Size)> Prices = new()
    {
        ["write"] = ("KiB", "0.03", 3, 1024),
        ["read"] = ("KiB", "0.02", 2, 1024),
        ["storage"] = ("byteHour", "0.01", 1, 1),
        ["partitions"] = ("hour", "1000", 100_000, 1),
        ["connectors"] = ("hour", "1", 100, 1),
    };

    public static JsonObject Book(string version) =>
        new()
        {
            ["version"] = version,
            ["currency"] = "usd",
            ["startsAt"] = "2026-01-01T00:00:00Z",
            ["meters"] = new JsonObject(
                Prices.Select(price =>
                    KeyValuePair.Create(
                        price.Key,
                        (JsonNode?)
                            new JsonObject
                            {
                                ["per"] = price.Value.Per,
                                ["model"] = "perUnit",
                                ["unitPrice"] = price.Value.Price,
                            }
                    )
                )
            ),
        };

    /// <summary>Cents of a quantity as the API writes it, half away from zero.</summary>
    public static long Cents(string meter, string quantity)
    {
        var (_, _, cents, size) = Prices[meter];
        var point = quantity.IndexOf('.', StringComparison.Ordinal);
        var millionths = BigInteger.Parse(
            point < 0 ? quantity + "000000" : quantity[..point] + quantity[(point + 1)..].PadRight(6, '0'),
            CultureInfo.InvariantCulture
        );
        var (numerator, denominator) = (millionths * cents, 1_000_000 * size);
        return (long)((2 * numerator + denominator) / (2 * denominator));
    }
}
