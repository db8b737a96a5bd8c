using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Tests.Domain.Billing;

public sealed class PriceBookTests
{
    private const string Frame = """{"version": "t", "currency": "usd", "startsAt": "2026-01-01T00:00:00Z", "meters": METERS}""";

    [Fact]
    public void The_shipped_price_book_is_read_and_written_back()
    {
        var book = PriceBook.Parse(PriceBook.ShippedDocument).Value;
        Assert.Equal(("2026-01", "usd", 5), (book.Version, book.Currency.Code, book.Meters.Count));
        Assert.Equal(0.16m, book.Meters[Meter.Storage].UnitPrice);
        Assert.Equal(book.ToJson(), PriceBook.Parse(book.ToJson()).Value.ToJson());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"version": "\ud800"}""")]
    [InlineData("""{"\udc00": 1}""")]
    [InlineData("""{"version": "a", "version": "b"}""")]
    public void What_is_no_JSON_of_its_own_kind_is_refused_as_a_whole(string document) =>
        Assert.Equal("price-book-malformed", Assert.IsType<Problem.Invalid>(PriceBook.Parse(document).Problem).Code);

    [Theory]
    [InlineData("""{"write": {"per": "GB", "model": "perUnit", "unitPrice": "1"}}""", "meters.write.per")]
    [InlineData("""{"storage": {"per": "GiB", "model": "perUnit", "unitPrice": "1"}}""", "meters.storage.per")]
    [InlineData("""{"write": {"per": "GiB", "model": "flat", "unitPrice": "1"}}""", "meters.write.model")]
    [InlineData("""{"write": {"per": "GiB", "model": "perUnit"}}""", "meters.write.unitPrice")]
    [InlineData("""{"write": {"per": "GiB", "model": "perUnit", "unitPrice": "-1"}}""", "meters.write.unitPrice")]
    [InlineData("""{"write": {"per": "GiB", "model": "perUnit", "unitPrice": "0,10"}}""", "meters.write.unitPrice")]
    [InlineData("""{"write": {"per": "GiB", "model": "perUnit", "unitPrice": "0.0000000000001"}}""", "meters.write.unitPrice")]
    [InlineData("""{"write": {"per": "GiB", "model": "perUnit", "unitPrice": "1", "size": 3}}""", "meters.write.size")]
    [InlineData("""{"write": {"per": "GiB", "model": "package", "unitPrice": "1", "size": 0}}""", "meters.write.size")]
    [InlineData("""{"write": {"per": "GiB", "model": "perUnit", "unitPrice": "1", "minimum": 5, "maximum": 4}}""", "meters.write.minimum")]
    [InlineData("""{"write": {"per": "GiB", "model": "graduated", "tiers": []}}""", "meters.write.tiers")]
    [InlineData(
        """{"write": {"per": "GiB", "model": "graduated", "tiers": [{"upTo": 5, "unitPrice": 1}]}}""",
        "meters.write.tiers[0].upTo"
    )]
    [InlineData(
        """{"write": {"per": "GiB", "model": "volume", "tiers": [{"upTo": 5, "unitPrice": 1}, {"upTo": 5, "unitPrice": 1}, {"unitPrice": 1}]}}""",
        "meters.write.tiers[1].upTo"
    )]
    [InlineData("""{"writes": {"per": "GiB", "model": "perUnit", "unitPrice": "1"}}""", "meters.writes")]
    [InlineData("{}", "meters")]
    public void A_wrong_field_is_named_with_its_path(string meters, string path)
    {
        var problem = Assert.IsType<Problem.Invalid>(PriceBook.Parse(Frame.Replace("METERS", meters, StringComparison.Ordinal)).Problem);
        Assert.Equal(("price-book-invalid", path), (problem.Code, problem.Field));
        Assert.StartsWith(path, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json"), InlineData("[]"), InlineData("{}"), InlineData("""{"version": "a", "version": "b"}""")]
    public void What_is_no_price_book_is_refused(string text) => Assert.IsType<Problem.Invalid>(PriceBook.Parse(text).Problem);

    [Theory]
    [InlineData("""{"write": {"per": "byte", "model": "perUnit", "unitPrice": "1000000"}}""", "meters.write")]
    [InlineData("""{"storage": {"per": "byteHour", "model": "volume", "tiers": [{"unitPrice": "5"}]}}""", "meters.storage")]
    [InlineData(
        """{"read": {"per": "GiB", "model": "perUnit", "unitPrice": "1"}, "partitions": {"per": "hour", "model": "package", "unitPrice": "1000000", "size": "0.000000000001"}}""",
        "meters.partitions"
    )]
    public void Prices_that_no_amount_could_hold_are_refused_before_they_are_published(string meters, string path)
    {
        var book = PriceBook.Parse(Frame.Replace("METERS", meters, StringComparison.Ordinal)).Value;
        Assert.Equal(("price-book-invalid", path), (book.TooDear()?.Code, book.TooDear()?.Field));
    }

    [Fact]
    public void Fees_of_a_hundred_tiers_count_together()
    {
        var tiers = string.Join(
            ", ",
            Enumerable.Range(1, 99).Select(i => $$"""{"upTo": {{i}}, "unitPrice": 0, "flatFee": "1000000000000000"}""")
        );
        var meters = """{"partitions": {"per": "hour", "model": "graduated", "tiers": [TIERS, {"unitPrice": 0}]}}""".Replace(
            "TIERS",
            tiers,
            StringComparison.Ordinal
        );
        Assert.Equal(
            "meters.partitions",
            PriceBook.Parse(Frame.Replace("METERS", meters, StringComparison.Ordinal)).Value.TooDear()?.Field
        );
    }

    [Fact]
    public void The_shipped_prices_hold_the_largest_month() => Assert.Null(PriceBook.Parse(PriceBook.ShippedDocument).Value.TooDear());

    [Fact]
    public void Numbers_and_texts_mean_the_same()
    {
        string Written(string price) =>
            PriceBook
                .Parse(
                    Frame.Replace(
                        "METERS",
                        "{\"write\": {\"per\": \"byte\", \"model\": \"perUnit\", \"unitPrice\": " + price + "}}",
                        StringComparison.Ordinal
                    )
                )
                .Value.ToJson();
        Assert.Equal(Written("\"0.10\""), Written("0.1"));
        Assert.Equal(Written("0.0000001"), Written("1e-7"));
    }
}
