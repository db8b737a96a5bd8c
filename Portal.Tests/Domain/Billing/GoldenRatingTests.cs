using System.Globalization;
using System.Text.Json.Nodes;
using CsCheck;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Billing;

/// <summary>
/// Published tables of other billing systems, to the last digit. They are data (<c>Support/Fixtures/golden-rating.json</c>):
/// a price as a price list writes it, and quantities with what they cost. Whoever knows another table adds it there.
/// </summary>
public sealed class GoldenRatingTests
{
    private static readonly string[] Codes = ["usd", "huf", "jpy", "krw", "isk", "kwd", "bhd"];

    [Fact]
    public void What_others_publish_is_what_we_rate()
    {
        var tables = JsonNode
            .Parse(File.ReadAllText(Path.Combine(Repository.Root, "Portal.Tests/Support/Fixtures/golden-rating.json")))!
            .AsArray();
        var wrong = new List<string>();
        foreach (var table in tables)
        {
            var book = new JsonObject
            {
                ["version"] = "golden",
                ["currency"] = "usd",
                ["startsAt"] = "2026-01-01T00:00:00Z",
                ["meters"] = new JsonObject { ["connectors"] = table!["price"]!.DeepClone() },
            };
            var parsed = PriceBook.Parse(book.ToJsonString());
            Assert.True(parsed.IsOk, $"{table["table"]}: {parsed.Problem?.Message}");
            foreach (var (quantity, amount) in table["amounts"]!.AsObject())
            {
                var (units, wanted) = (
                    decimal.Parse(quantity, CultureInfo.InvariantCulture),
                    decimal.Parse((string)amount!, CultureInfo.InvariantCulture)
                );
                var rated = Rating.Month(parsed.Value.Meters[Meter.Connectors], units);
                if (rated != wanted)
                    wrong.Add($"{table["table"]}: {quantity} costs {rated}, not {wanted}");
            }
        }
        Assert.Empty(wrong);
        Assert.True(tables.Count >= 9);
    }

    /// <summary>In whatever currency, however many decimals: lines are whole units of what is charged, and their sum is the bill.</summary>
    [Fact]
    public void Lines_add_up_in_every_currency() =>
        Gen.Select(Gen.Int[0, Codes.Length - 1].Select(index => Codes[index]), Gen.Long[0, 1_000_000_000].Array[1, 12])
            .Sample(
                (code, amounts) =>
                {
                    Assert.True(Currency.TryParse(code, out var currency));
                    var lines = amounts.Select(amount => Money.Round(amount / 10_000m, currency)).ToList();
                    var total = lines.Aggregate(Money.Zero(currency), (sum, line) => sum + line);
                    return lines.TrueForAll(line => line.Minor % currency.Step == 0)
                        && total.Minor == lines.Sum(line => line.Minor)
                        && Math.Abs(total.Major - amounts.Sum(amount => amount / 10_000m))
                            <= lines.Count * new Money(currency.Step, currency).Major / 2;
                }
            );
}
