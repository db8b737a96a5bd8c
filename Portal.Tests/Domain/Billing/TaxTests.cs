using CsCheck;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;

namespace Portal.Tests.Domain.Billing;

/// <summary>What taxes come to, to the smallest amount that can be charged, and who is taxed how.</summary>
public sealed class TaxTests
{
    /// <summary>
    /// Lines, discount and credit in minor units; rates as percent, with <c>i</c> where prices contain it. What stands after it:
    /// the taxes, and what is left to pay.
    /// </summary>
    [Theory]
    [InlineData("usd", "1000", 0, 0, "19", "190", 1190)]
    [InlineData("usd", "1000", 0, 0, "0", "0", 1000)]
    [InlineData("chf", "1000", 0, 0, "8.1", "81", 1081)]
    [InlineData("eur", "999", 0, 0, "25.5", "255", 1254)]
    [InlineData("eur", "1190", 0, 0, "19i", "190", 1190)]
    [InlineData("eur", "1000", 0, 0, "19i", "160", 1000)]
    [InlineData("chf", "1081", 0, 0, "8.1i", "81", 1081)]
    [InlineData("jpy", "105", 0, 0, "10", "11", 116)]
    [InlineData("jpy", "105", 0, 0, "10i", "10", 105)]
    [InlineData("kwd", "1010", 0, 0, "5", "50", 1060)]
    [InlineData("kwd", "1100", 0, 0, "5", "60", 1160)]
    [InlineData("isk", "12300", 0, 0, "24", "3000", 15300)]
    // Each line is rounded by itself: three halves are three, where half of the sum would be two.
    [InlineData("usd", "10 10 10", 0, 0, "5", "3", 33)]
    [InlineData("usd", "9 9 9", 0, 0, "5", "0", 27)]
    [InlineData("usd", "43 484", 0, 0, "15", "79", 606)]
    // Two taxes of one place, each rounded for itself.
    [InlineData("cad", "1000", 0, 0, "5 9.975", "50 100", 1150)]
    // A minimum charge is a line like any other; a free line costs no tax.
    [InlineData("usd", "0 10000", 0, 0, "19", "1900", 11900)]
    // A discount is taken off the lines before tax.
    [InlineData("usd", "1000 500", 300, 0, "19", "228", 1428)]
    [InlineData("usd", "3 3 3", 9, 0, "15", "0", 0)]
    [InlineData("usd", "1000 1", 1001, 0, "19", "0", 0)]
    // Credits pay after tax, and leave nothing or enough to charge.
    [InlineData("usd", "1000", 0, 500, "19", "190", 690)]
    [InlineData("usd", "1000", 0, 5000, "19", "190", 0)]
    [InlineData("usd", "1000", 0, 1180, "19", "190", 50)]
    [InlineData("usd", "1000", 1000, 500, "19", "0", 0)]
    public void Golden(string code, string amounts, long discount, long credit, string percents, string taxes, long left)
    {
        Assert.True(Currency.TryParse(code, out var currency));
        IReadOnlyList<long> lines = [.. amounts.Split(' ').Select(long.Parse)];
        IReadOnlyList<TaxRate> rates = [.. percents.Split(' ').Select((text, index) => Rate(text, $"Tax {index}"))];
        var taxable = TaxMath.Less(lines, discount, currency.Step);
        var found = TaxMath.Of(taxable, rates, currency, Guid.NewGuid);
        Assert.Equal(taxes, string.Join(' ', found.Select(tax => tax.AmountMinor)));
        var total = lines.Sum() - discount + found.Where(tax => !tax.IsInclusive).Sum(tax => tax.AmountMinor);
        var (given, _) = Credit.Grant(
            new OrganizationId(Guid.NewGuid()),
            new Money(Math.Max(1, credit), currency),
            CreditKind.Promised,
            "Goodwill",
            null,
            "operator",
            TimeProvider.System
        );
        var parts = credit == 0 ? [] : CreditUse.Plan(new Money(total, currency), [given], BillingWorld.Month.End);
        Assert.Equal(left, total - parts.Sum());
        Assert.All(found, tax => Assert.Equal(taxable.Sum() - (tax.IsInclusive ? tax.AmountMinor : 0), tax.BaseMinor));
    }

    [Fact]
    public void Parts_of_a_discount_add_up_and_leave_no_line_below_zero() =>
        Gen.Select(
                Gen.Long[0, 5_000_000].List[1, 40],
                Gen.Double[0, 1],
                Gen.Int[0, 3].Select(index => new[] { "usd", "jpy", "kwd", "isk" }[index])
            )
            .Sample(
                (amounts, share, code) =>
                {
                    Assert.True(Currency.TryParse(code, out var currency));
                    IReadOnlyList<long> lines = [.. amounts.Select(amount => amount * currency.Step)];
                    var discount = (long)(lines.Sum() / currency.Step * share) * currency.Step;
                    var less = TaxMath.Less(lines, discount, currency.Step);
                    Assert.Equal(lines.Sum() - discount, less.Sum());
                    Assert.All(less.Zip(lines), pair => Assert.InRange(pair.First, 0, pair.Second));
                    Assert.All(less, amount => Assert.Equal(0, amount % currency.Step));
                },
                iter: 5_000
            );

    /// <summary>
    /// In every currency: lines and taxes are the total, taxes can be charged, and credit notes up to the whole take back exactly the tax.
    /// </summary>
    [Fact]
    public void Lines_and_taxes_add_up_and_credit_notes_take_back_the_tax() =>
        Gen.Select(
                Gen.Long[0, 900_000].List[1, 20],
                Gen.Int[0, 1_000_000],
                Gen.Bool,
                Gen.Int[0, 5].Select(index => new[] { "usd", "eur", "jpy", "kwd", "isk", "chf" }[index]),
                Gen.Double[0, 1].List[0, 12]
            )
            .Sample(
                (amounts, percent, inclusive, code, cuts) =>
                {
                    Assert.True(Currency.TryParse(code, out var currency));
                    IReadOnlyList<long> lines = [.. amounts.Select(amount => amount * currency.Step)];
                    var taxes = TaxMath.Of(lines, [new("DE", null, "VAT", percent / 10_000m, inclusive)], currency, Guid.NewGuid);
                    var invoice = Invoice(currency, lines, taxes);
                    Assert.Equal(lines.Sum() + taxes.Where(tax => !tax.IsInclusive).Sum(tax => tax.AmountMinor), invoice.TotalMinor);
                    Assert.Equal(0, invoice.TotalMinor % currency.Step);
                    // A cent for each line is what rounding can do.
                    Assert.InRange(
                        invoice.TaxMinor
                            - (
                                inclusive
                                    ? lines.Sum() * (percent / 10_000m) / (100 + percent / 10_000m)
                                    : lines.Sum() * (percent / 1_000_000m)
                            ),
                        -lines.Count * currency.Step,
                        lines.Count * currency.Step
                    );
                    long before = 0,
                        tax = 0;
                    foreach (var cut in cuts.Append(1))
                    {
                        var part = cut >= 1 ? invoice.TotalMinor - before : (long)((invoice.TotalMinor - before) * cut);
                        var of = TaxMath.OfPart(invoice.TaxMinor, invoice.TotalMinor, before, part);
                        Assert.InRange(of, 0, part + 1);
                        (before, tax) = (before + part, tax + of);
                    }
                    Assert.Equal(invoice.TotalMinor > 0 ? invoice.TaxMinor : 0, tax);
                },
                iter: 5_000
            );

    [Theory]
    [InlineData("DE", "DE", null, InvoiceTaxState.Taxed, "VAT 19%")]
    [InlineData("DE", "FR", null, InvoiceTaxState.Taxed, "VAT 20%")]
    [InlineData("DE", "FR", "eu_vat FRAB123456789 verified", InvoiceTaxState.ReverseCharge, "")]
    [InlineData("DE", null, "eu_vat FRAB123456789 verified", InvoiceTaxState.ReverseCharge, "")]
    [InlineData("DE", "GR", "eu_vat EL123456789 verified", InvoiceTaxState.ReverseCharge, "")]
    // Not verified, of another country than the address, of the seller's own, or a seller outside of the EU: taxed.
    [InlineData("DE", "FR", "eu_vat FRAB123456789 unverified", InvoiceTaxState.Taxed, "VAT 20%")]
    [InlineData("DE", "FR", "eu_vat FRAB123456789 pending", InvoiceTaxState.Taxed, "VAT 20%")]
    [InlineData("DE", "FR", "eu_vat NL123456789B01 verified", InvoiceTaxState.Taxed, "VAT 20%")]
    [InlineData("DE", "DE", "eu_vat DE123456789 verified", InvoiceTaxState.Taxed, "VAT 19%")]
    [InlineData("DE", "GB", "eu_vat XI123456789 verified", InvoiceTaxState.NotCollected, "")]
    [InlineData("US", "FR", "eu_vat FRAB123456789 verified", InvoiceTaxState.Taxed, "VAT 20%")]
    [InlineData("DE", "US-CA", null, InvoiceTaxState.Taxed, "Sales tax 7.25%")]
    [InlineData("DE", "US-NY", null, InvoiceTaxState.NotCollected, "")]
    [InlineData("DE", "CA-QC", null, InvoiceTaxState.Taxed, "GST 5%, QST 9.975%")]
    [InlineData("DE", "CA-AB", null, InvoiceTaxState.Taxed, "GST 5%")]
    [InlineData("DE", null, null, InvoiceTaxState.LocationMissing, "")]
    public void Who_is_taxed_how(string seller, string? place, string? taxId, InvoiceTaxState state, string rates)
    {
        var decision = TaxRules.Of(Book(seller), Profile(place), taxId is null ? [] : [Id(taxId)]);
        Assert.Equal((state, rates), (decision.State, string.Join(", ", decision.Rates.Select(rate => $"{rate.Name} {rate.PercentText}"))));
        if (state == InvoiceTaxState.ReverseCharge)
            Assert.StartsWith(TaxRules.ReverseChargeNote, decision.Note, StringComparison.Ordinal);
        if (taxId?.EndsWith("unverified", StringComparison.Ordinal) == true)
            Assert.Contains("isn't verified, so tax is charged", decision.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_operator_decided_comes_first()
    {
        var profile = Profile("DE");
        profile.Decide(TaxExemption.Exempt, "Certificate 4711", "operator", DateTimeOffset.UnixEpoch);
        Assert.Equal(
            (InvoiceTaxState.Exempt, "Tax exempt: Certificate 4711"),
            (TaxRules.Of(Book("DE"), profile, []).State, TaxRules.Of(Book("DE"), profile, []).Note)
        );
        profile.Decide(TaxExemption.Reverse, "Checked on paper", "operator", DateTimeOffset.UnixEpoch);
        Assert.Equal(InvoiceTaxState.ReverseCharge, TaxRules.Of(Book("DE"), profile, []).State);
        profile.Decide(TaxExemption.None, null, "operator", DateTimeOffset.UnixEpoch);
        Assert.Equal(InvoiceTaxState.Taxed, TaxRules.Of(Book("DE"), profile, []).State);
        Assert.Equal(InvoiceTaxState.Off, TaxRules.Of(null, profile, []).State);
        Assert.Equal(
            InvoiceTaxState.Off,
            TaxRules
                .Of(
                    TaxBook.Create(Guid.NewGuid(), new("none", null, null, null, null), "operator", DateTimeOffset.UnixEpoch).Value,
                    profile,
                    []
                )
                .State
        );
        var stripe = TaxBook.Create(Guid.NewGuid(), new("stripe", "DE", null, null, null), "operator", DateTimeOffset.UnixEpoch).Value;
        Assert.Equal((InvoiceTaxState.AtStripe, true), (TaxRules.Of(stripe, profile, []).State, TaxRules.Of(stripe, profile, []).ByStripe));
    }

    [Theory]
    [InlineData("often", "DE", "DE,,VAT,19", "tax-mode-unknown")]
    [InlineData("rates", null, "DE,,VAT,19", "seller-country-missing")]
    [InlineData("rates", "ZZ", "DE,,VAT,19", "country-unknown")]
    [InlineData("rates", "DE", "", "tax-rates-missing")]
    [InlineData("rates", "DE", "Germany,,VAT,19", "country-unknown")]
    [InlineData("rates", "DE", "US,California,Sales tax,7.25", "state-malformed")]
    [InlineData("rates", "DE", "DE,,,19", "tax-name-length")]
    [InlineData("rates", "DE", "DE,,VAT,", "tax-percent-range")]
    [InlineData("rates", "DE", "DE,,VAT,101", "tax-percent-range")]
    [InlineData("rates", "DE", "DE,,VAT,19.00001", "tax-percent-range")]
    [InlineData("rates", "DE", "DE,,VAT,19;de,,VAT,7", "tax-rate-twice")]
    [InlineData("rates", "DE", "DE,,VAT,19,i;DE,,Other,7", "tax-rate-inclusive")]
    [InlineData("rates", "DE", "DE,,VAT,19;US,CA,Sales tax,7.25;US,NY,Sales tax,8.875", null)]
    [InlineData("stripe", "DE", "", null)]
    [InlineData("none", null, "", null)]
    public void Settings_that_make_no_sense_are_refused(string mode, string? seller, string rates, string? code)
    {
        List<TaxRateWish> wished =
        [
            .. rates
                .Split(';', StringSplitOptions.RemoveEmptyEntries)
                .Select(text => text.Split(','))
                .Select(part => new TaxRateWish(
                    part[0],
                    part[1],
                    part[2],
                    decimal.TryParse(part[3], System.Globalization.CultureInfo.InvariantCulture, out var percent) ? percent : null,
                    part.Length > 4
                )),
        ];
        Assert.Equal(
            code,
            TaxBook.Create(Guid.NewGuid(), new(mode, seller, null, null, wished), "operator", DateTimeOffset.UnixEpoch).Problem?.Code
        );
    }

    [Theory]
    [InlineData(null, null, null, "country-unknown")]
    [InlineData("US", "CA", null, "postal-code-missing")]
    [InlineData("US", null, "94103", "state-missing")]
    [InlineData("CA", "Ontario", "K1A 0B1", "state-missing")]
    [InlineData("US", "ca", "94103", null)]
    [InlineData("de", null, null, null)]
    public void An_address_says_where_taxes_are_due(string? country, string? state, string? postal, string? code) =>
        Assert.Equal(code, BillingAddress.Create("Main St. 1", null, "City", postal, state, country).Problem?.Code);

    internal static TaxBook Book(string seller, params (string Place, string Name, string Percent)[] rates)
    {
        if (rates.Length == 0)
            rates =
            [
                ("DE", "VAT", "19"),
                ("FR", "VAT", "20"),
                ("GR", "VAT", "24"),
                ("US-CA", "Sales tax", "7.25"),
                ("CA", "GST", "5"),
                ("CA-QC", "GST", "5"),
                ("CA-QC", "QST", "9.975"),
            ];
        return TaxBook
            .Create(
                Guid.NewGuid(),
                new(
                    "rates",
                    seller,
                    null,
                    null,
                    [
                        .. rates.Select(rate =>
                            rate.Place.Split('-') is var place
                                ? new TaxRateWish(
                                    place[0],
                                    place.ElementAtOrDefault(1),
                                    rate.Name,
                                    decimal.Parse(rate.Percent.TrimEnd('i'), System.Globalization.CultureInfo.InvariantCulture),
                                    rate.Percent.EndsWith('i')
                                )
                                : null!
                        ),
                    ]
                ),
                "operator",
                DateTimeOffset.UnixEpoch
            )
            .Value;
    }

    private static TaxRate Rate(string text, string name) =>
        new("DE", null, name, decimal.Parse(text.TrimEnd('i'), System.Globalization.CultureInfo.InvariantCulture), text.EndsWith('i'));

    private static TaxProfile Profile(string? place)
    {
        var profile = new TaxProfile(new OrganizationId(Guid.NewGuid()));
        if (place?.Split('-') is { } parts)
            profile.Move(new(null, null, null, null, parts.ElementAtOrDefault(1), parts[0]));
        return profile;
    }

    private static TaxId Id(string text)
    {
        var parts = text.Split(' ');
        var one = new TaxId(Guid.NewGuid(), new OrganizationId(Guid.NewGuid()), parts[0], parts[1], "owner", DateTimeOffset.UnixEpoch);
        one.Sent(new("txi_1", Enum.Parse<TaxIdVerification>(parts[2], ignoreCase: true), null));
        return one;
    }

    private static Invoice Invoice(Currency currency, IReadOnlyList<long> lines, IReadOnlyList<InvoiceTax> taxes)
    {
        var month = BillingWorld.Month;
        return new(
            new InvoiceId(Guid.NewGuid()),
            new OrganizationId(Guid.NewGuid()),
            "northwind-2026-11-1",
            month,
            month.Start,
            month.End,
            currency,
            PayBy.Card,
            lines.Select(amount => new InvoiceLine(
                Guid.NewGuid(),
                Portal.Domain.Usage.Meter.Write,
                new PriceBookId(Guid.NewGuid()),
                month.Start,
                month.End,
                1,
                1,
                amount,
                "1 GiB"
            )),
            0,
            month.End,
            tax: new(InvoiceTaxState.Taxed, null, [], false),
            taxes: taxes
        );
    }
}
