using CsCheck;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Billing;

/// <summary>
/// What counts once a month (a flat fee, included quantity, tiers, packages, minimum, maximum) counts once however the month
/// is cut: by a new price book, an early close, a plan change, a suspension, free time in between or at the end.
/// </summary>
public sealed class MonthCutTests
{
    private static readonly Month Month = new(2026, 11);
    private static readonly OrganizationId Organization = new(Guid.Parse("019ac000-0000-7000-8000-000000000001"));

    /// <summary>Partition-hours by day of the month: 30 in all.</summary>
    private static readonly (int Day, int Hours)[] Usage = [(2, 8), (10, 5), (16, 7), (20, 10)];

    public static TheoryData<string, string, decimal> Parts { get; } =
        new()
        {
            {
                "flat fee of the first tier",
                """{"per": "hour", "model": "graduated", "tiers": [{"upTo": 100, "unitPrice": "1", "flatFee": "50"}, {"unitPrice": "1"}]}""",
                80m
            },
            {
                "flat fee of a later tier",
                """{"per": "hour", "model": "graduated", "tiers": [{"upTo": 10, "unitPrice": "1"}, {"unitPrice": "2", "flatFee": "7"}]}""",
                57m
            },
            {
                "tiers",
                """{"per": "hour", "model": "graduated", "tiers": [{"upTo": 5, "unitPrice": "4"}, {"upTo": 18, "unitPrice": "2"}, {"unitPrice": "1"}]}""",
                58m
            },
            {
                "volume",
                """{"per": "hour", "model": "volume", "tiers": [{"upTo": 12, "unitPrice": "5", "flatFee": "3"}, {"unitPrice": "1", "flatFee": "9"}]}""",
                39m
            },
            { "included", """{"per": "hour", "model": "perUnit", "unitPrice": "2", "included": 10}""", 40m },
            { "packages", """{"per": "hour", "model": "package", "unitPrice": "3", "size": 12}""", 9m },
            { "minimum", """{"per": "hour", "model": "perUnit", "unitPrice": "1", "minimum": "100"}""", 100m },
            { "maximum", """{"per": "hour", "model": "perUnit", "unitPrice": "10", "maximum": "200"}""", 200m },
        };

    [Theory]
    [MemberData(nameof(Parts))]
    public async Task However_the_month_is_cut_it_costs_the_same(string part, string price, decimal expected)
    {
        foreach (var (cut, books, plans, periods) in Cuts(price))
        {
            var lines = (await RateAsync(books, plans, periods)).SelectMany(period => period.Lines).ToList();
            Assert.True(
                expected == lines.Sum(line => line.ExactAmount),
                $"{part}, {cut}: {string.Join("; ", lines.Select(line => $"{line.ExactAmount} for {line.Explanation}"))}"
            );
        }
    }

    [Fact]
    public async Task A_minimum_is_made_up_by_the_last_book_that_prices_the_meter()
    {
        var first = Book("""{"per": "hour", "model": "perUnit", "unitPrice": "1", "minimum": "100"}""", 1);
        var second = Book("""{"per": "hour", "model": "perUnit", "unitPrice": "1", "minimum": "60"}""", 15);
        var lines = (await RateAsync([first, second], Charged, Whole)).Single().Lines;
        Assert.Equal([13m, 47m], lines.Select(line => line.ExactAmount));
        Assert.EndsWith("raised to the minimum of $60.00 a month", lines[1].Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dearer_fee_of_a_new_book_is_charged_by_the_difference_and_a_cheaper_one_gives_nothing_back()
    {
        static PriceBookRecord Fee(int fee, int day) =>
            Book($$"""{"per": "hour", "model": "graduated", "tiers": [{"unitPrice": "0", "flatFee": "{{fee}}"}]}""", day);
        Assert.Equal(
            [30m, 20m],
            (await RateAsync([Fee(30, 1), Fee(50, 15)], Charged, Whole)).Single().Lines.Select(line => line.ExactAmount)
        );
        Assert.Equal(
            [50m, 0m],
            (await RateAsync([Fee(50, 1), Fee(30, 15)], Charged, Whole)).Single().Lines.Select(line => line.ExactAmount)
        );
        Assert.Equal(
            [0m, 50m],
            (await RateAsync([Fee(0, 1), Fee(50, 15)], Charged, Whole)).Single().Lines.Select(line => line.ExactAmount)
        );
    }

    [Fact]
    public async Task A_lower_maximum_of_a_new_book_gives_nothing_back()
    {
        static PriceBookRecord Capped(int maximum, int day) =>
            Book($$"""{"per": "hour", "model": "perUnit", "unitPrice": "10", "maximum": "{{maximum}}"}""", day);
        Assert.Equal(
            [130m, 0m],
            (await RateAsync([Capped(200, 1), Capped(100, 15)], Charged, Whole)).Single().Lines.Select(line => line.ExactAmount)
        );
        Assert.Equal(
            [100m, 80m],
            (await RateAsync([Capped(100, 1), Capped(180, 15)], Charged, Whole)).Single().Lines.Select(line => line.ExactAmount)
        );
    }

    [Fact]
    public async Task What_was_paid_in_another_currency_counts_as_paid()
    {
        const string Fee = """{"per": "hour", "model": "graduated", "tiers": [{"unitPrice": "1", "flatFee": "50"}]}""";
        var rated = await RateAsync([Book(Fee, 1), Book(Fee, 15, "eur")], Charged, [(Month.Start, At(15)), (At(15), Month.End)]);
        Assert.Equal(["63.00 USD", "17.00 EUR"], rated.SelectMany(period => period.Lines).Select(line => line.Amount.ToString()));
    }

    [Fact]
    public async Task A_month_that_is_free_to_its_end_has_the_minimum_of_its_charged_time_on_a_line_that_says_so()
    {
        var book = Book("""{"per": "hour", "model": "perUnit", "unitPrice": "1", "minimum": "100"}""", 1);
        var rated = await RateAsync(
            [book],
            [Plan(PlanCode.Payg, 1), Plan(PlanCode.Free, 21)],
            [(Month.Start, At(21)), (At(21), Month.End)]
        );
        Assert.Equal(30m, Assert.Single(rated[0].Lines).ExactAmount);
        var made = Assert.Single(rated[1].Lines);
        Assert.Equal((0m, 70m), (made.Quantity, made.ExactAmount));
        Assert.EndsWith("raised to the minimum of $100.00 a month", made.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_month_that_was_never_charged_has_no_minimum()
    {
        var book = Book("""{"per": "hour", "model": "perUnit", "unitPrice": "1", "minimum": "100"}""", 1);
        Assert.Empty((await RateAsync([book], [Plan(PlanCode.Free, 1)], Whole)).Single().Lines);
    }

    /// <summary>Two different prices in one month: never below zero, never above the dearer maximum, at least the last minimum.</summary>
    [Fact]
    public void Whatever_book_follows_a_month_stays_between_its_minimum_and_its_maximum() =>
        Gen.Select(RatingTests.Prices, RatingTests.Prices, Gen.Long[0, 400_000], Gen.Long[0, 400_000])
            .Sample(
                (one, two, first, then) =>
                {
                    var before = Rating.Rate(one, null, first / 1000m, endsMonth: false);
                    var after = Rating.Rate(two, before.After, then / 1000m, endsMonth: true).After;
                    var most = Math.Max(before.After.Charged, Math.Max(two.Maximum ?? decimal.MaxValue, two.Minimum ?? 0m));
                    return after.Charged >= (two.Minimum ?? 0m) && after.Charged <= most && after.Quantity == (first + then) / 1000m;
                }
            );

    private static IEnumerable<(string Cut, PriceBookRecord[] Books, PlanPeriod[] Plans, (DateTimeOffset, DateTimeOffset)[] Periods)> Cuts(
        string price
    )
    {
        var book = Book(price, 1);
        yield return ("uncut", [book], Charged, Whole);
        yield return ("an equal book from the 15th", [book, Book(price, 15)], Charged, Whole);
        yield return ("equal books each fifth day", [.. Enumerable.Range(0, 6).Select(i => Book(price, 1 + 5 * i))], Charged, Whole);
        yield return ("closed early", [book], Charged, [(Month.Start, At(12)), (At(12), Month.End)]);
        yield return (
            "closed early each third day",
            [book],
            Charged,
            [.. Enumerable.Range(0, 10).Select(i => (At(1 + 3 * i), At(4 + 3 * i)))]
        );
        yield return ("closed early, then an equal book", [book, Book(price, 18)], Charged, [(Month.Start, At(12)), (At(12), Month.End)]);
        yield return (
            "free from the 3rd to the 9th",
            [book],
            [Plan(PlanCode.Payg, 1), Plan(PlanCode.Free, 3), Plan(PlanCode.Payg, 9)],
            Whole
        );
        yield return ("free to the 2nd", [book], [Plan(PlanCode.Free, 1), Plan(PlanCode.Payg, 2)], Whole);
        yield return (
            "suspended from the 11th to the 15th",
            [book],
            [Plan(PlanCode.Payg, 1), new(Organization, PlanCode.Payg, At(11), suspended: true), Plan(PlanCode.Payg, 15)],
            Whole
        );
        yield return ("free from the 21st", [book], [Plan(PlanCode.Payg, 1), Plan(PlanCode.Free, 21)], Whole);
        yield return (
            "closed early, free from then on",
            [book],
            [Plan(PlanCode.Payg, 1), Plan(PlanCode.Free, 21)],
            [(Month.Start, At(21)), (At(21), Month.End)]
        );
        yield return (
            "all of it",
            [book, Book(price, 6), Book(price, 25)],
            [Plan(PlanCode.Payg, 1), Plan(PlanCode.Free, 3), Plan(PlanCode.Payg, 9), Plan(PlanCode.Free, 22)],
            [(Month.Start, At(4)), (At(4), At(14)), (At(14), At(23)), (At(23), Month.End)]
        );
    }

    private static async Task<IReadOnlyList<RatedPeriod>> RateAsync(
        IEnumerable<PriceBookRecord> books,
        IEnumerable<PlanPeriod> plans,
        IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> periods
    )
    {
        var ledger = new MemoryLedger();
        foreach (var (day, hours) in Usage)
            ledger.Add(Organization, Meter.Partitions, At(day), hours * 3600L);
        return await new MonthRating(ledger).RateAsync(Organization, Month, periods, Tariff.Of(books, plans), default);
    }

    private static PlanPeriod[] Charged => [Plan(PlanCode.Payg, 1)];

    private static (DateTimeOffset, DateTimeOffset)[] Whole => [(Month.Start, Month.End)];

    private static DateTimeOffset At(int day) => Month.Start.AddDays(day - 1);

    private static PlanPeriod Plan(PlanCode plan, int day) => new(Organization, plan, At(day));

    private static PriceBookRecord Book(string price, int day, string currency = "usd")
    {
        var document =
            $$"""{"version": "from-{{day}}", "currency": "{{currency}}", "startsAt": "{{At(day):yyyy-MM-dd'T'HH:mm:ss'Z'}}", "meters": {"partitions": {{price}} } }""";
        var book = PriceBook.Parse(document).Value;
        return new(new(Guid.NewGuid()), book.Version, book.Currency, book.StartsAt, book.StartsAt, "operator", document);
    }
}
