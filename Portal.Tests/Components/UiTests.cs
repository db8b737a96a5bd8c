using System.Text.RegularExpressions;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using MudBlazor;
using MudBlazor.Utilities;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Topics;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Components;

public sealed class UiTests : BunitContext
{
    [Theory]
    [InlineData(14820, "usd", "$148.20")]
    [InlineData(-4010, "usd", "−$40.10")]
    [InlineData(123456789, "eur", "€1,234,567.89")]
    [InlineData(1500, "jpy", "¥1,500")]
    [InlineData(1500, "kwd", "KWD\u00a01.500")]
    public void Money_has_the_currencys_own_decimals(long minor, string code, string expected)
    {
        Assert.True(Currency.TryParse(code, out var currency));
        Assert.Equal(expected, MoneyFormat.Text(new Money(minor, currency)));
    }

    [Fact]
    public void Unit_prices_are_exact() => Assert.Equal("$0.0012", MoneyFormat.Price(0.0012m, Currency.Usd));

    [Fact]
    public void The_shipped_prices_read_like_sentences()
    {
        var book = PriceBook.Parse(PriceBook.ShippedDocument).Value;

        Assert.Equal("$0.10 per GiB, first 10 GiB free", PriceWords.Of(book.Meters[Meter.Write], book.Currency));
        Assert.Equal("$0.16 per GiB-month", PriceWords.Of(book.Meters[Meter.Storage], book.Currency));
        Assert.Equal("$0.0012 per hour", PriceWords.Of(book.Meters[Meter.Partitions], book.Currency));
    }

    [Fact]
    public void Pending_shows_a_skeleton_and_an_outage_its_trace()
    {
        var view = Render<LoadingView<string>>(parameters =>
            parameters.Add(one => one.State, new Loading<string>.Pending()).Add(one => one.ChildContent, text => $"<p>{text}</p>")
        );
        Assert.NotNull(view.Find("[role=status].skeleton"));

        view.Render(parameters =>
            parameters.Add(one => one.State, new Loading<string>.Failed(new Problem.Unavailable("away", "The cluster is away."), "abc123"))
        );
        Assert.Contains("abc123", view.Find("[role=alert]").TextContent, StringComparison.Ordinal);

        view.Render(parameters => parameters.Add(one => one.State, new Loading<string>.Ready("here")));
        Assert.Equal("here", view.Find("p").TextContent);
    }

    [Fact]
    public void A_failed_refresh_keeps_what_is_shown_and_says_that_it_is_old_until_one_succeeds()
    {
        Loading<string> shown = new Loading<string>.Ready("old");
        Assert.IsType<Loading<string>.Failed>(Loading.Refresh(shown, new Problem.NotFound("gone", "Gone.")));
        var asked = 0;
        var view = Render<LoadingView<string>>(parameters =>
            parameters
                .Add(one => one.State, Loading.Refresh(shown, new Problem.Unavailable("away", "The cluster is away.")))
                .Add(one => one.ChildContent, value => value)
                .Add(one => one.Retry, () => asked++)
        );

        Assert.Contains("old", view.Markup, StringComparison.Ordinal);
        Assert.Contains(
            "The cluster is away. This page may be out of date.",
            view.Find("[role=status]").TextContent,
            StringComparison.Ordinal
        );
        view.Find("button").Click();
        Assert.Equal(1, asked);

        view.Render(parameters => parameters.Add(one => one.State, Loading.Refresh(view.Instance.State, "new")));
        Assert.Equal("new", view.Markup.Trim());
    }

    [Fact]
    public void Times_are_in_the_viewers_zone_and_say_which()
    {
        var at = new DateTimeOffset(2026, 11, 23, 14, 59, 0, TimeSpan.Zero);

        Assert.Equal("Nov 23, 2026, 15:59:00 UTC+01:00", ViewerZone.Of("Europe/Berlin").Absolute(at));
        Assert.Equal("Nov 23, 2026, 14:59:00 UTC", ViewerZone.Of("No/Where").Absolute(at));
        // As Chrome says it, whether or not the host's zone data has the link.
        Assert.Equal("Nov 23, 2026, 20:29:00 UTC+05:30", ViewerZone.Of("Asia/Calcutta").Absolute(at));
        Assert.Equal("Nov 23, 2026, 16:59:00 UTC+02:00", ViewerZone.Of("Europe/Kiev").Absolute(at));
        Assert.Equal("in 6 days", ViewerZone.Utc.Relative(at.AddDays(6.5), at));
    }

    [Theory]
    [InlineData(0, "0 samples")]
    [InlineData(1, "1 sample")]
    [InlineData(1204, "1,204 samples")]
    public void What_is_counted_has_its_plural(long count, string expected) => Assert.Equal(expected, Counted.Of(count, "sample"));

    [Fact]
    public void A_refusal_by_role_is_not_tried_again()
    {
        var tries = EventCallback.Factory.Create(this, () => { });
        var alert = Render<ProblemAlert>(parameters =>
            parameters.Add(one => one.Problem, new Problem.Forbidden("not-allowed", "Ask an owner.")).Add(one => one.Retry, tries)
        );
        Assert.DoesNotContain("Try again", alert.Markup, StringComparison.Ordinal);
        Assert.Contains("Back to home", alert.Markup, StringComparison.Ordinal);

        alert.Render(parameters =>
            parameters.Add(one => one.Problem, new Problem.Unavailable("away", "Away.")).Add(one => one.Retry, tries)
        );
        Assert.Contains("Try again", alert.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_is_written_only_when_the_page_says_something_new()
    {
        string? told = null;
        var field = Render<TextInput>(parameters =>
            parameters.Add(one => one.Id, "name").Add(one => one.Value, "").Add(one => one.ValueChanged, (string text) => told = text)
        );
        field.Find("#name").Input("orders");
        Assert.Equal(("orders", TextStamp.Of("orders")), (told, field.Find("#name").GetAttribute("data-held")));

        field.Render(parameters => parameters.Add(one => one.Value, "orders").Add(one => one.Mono, true));
        Assert.Equal("orders", field.Find("#name").GetAttribute("value"));
        field.Render(parameters => parameters.Add(one => one.Value, "suggested"));
        Assert.Equal(
            ("suggested", TextStamp.Of("suggested")),
            (field.Find("#name").GetAttribute("value"), field.Find("#name").GetAttribute("data-held"))
        );
    }

    [Theory]
    [InlineData("7b7d", "{}")]
    [InlineData("00ff10", "00 ff 10")]
    [InlineData("", "(empty)")]
    public void A_payload_is_text_where_it_is_text(string hex, string expected) =>
        Assert.Equal(expected, PayloadText.Of(Convert.FromHexString(hex)));

    [Fact]
    public void The_palettes_of_MudBlazor_are_the_tokens_of_the_style_sheet()
    {
        var css = File.ReadAllText(Path.Combine(Repository.Root, "Portal/wwwroot/css/tokens.css"));
        var dark = css.IndexOf("[data-theme=\"dark\"]", StringComparison.Ordinal);
        AssertPalette(Tokens(css[..dark]), PortalTheme.Light.PaletteLight);
        AssertPalette(Tokens(css[dark..]), PortalTheme.Dark.PaletteDark);
    }

    private static Dictionary<string, MudColor> Tokens(string css) =>
        Regex
            .Matches(css, @"--([a-z0-9-]+): (#[0-9a-f]{6});")
            .ToDictionary(match => match.Groups[1].Value, match => new MudColor(match.Groups[2].Value));

    private static void AssertPalette(Dictionary<string, MudColor> tokens, Palette palette)
    {
        Assert.Equal(tokens["accent"], palette.Primary);
        Assert.Equal(tokens["accent-ink"], palette.PrimaryContrastText);
        Assert.Equal(tokens["ink"], palette.TextPrimary);
        Assert.Equal(tokens["ink-2"], palette.TextSecondary);
        Assert.Equal(tokens["ground"], palette.Background);
        Assert.Equal(tokens["surface"], palette.Surface);
        Assert.Equal(tokens["line"], palette.LinesDefault);
        Assert.Equal(tokens["good"], palette.Success);
        Assert.Equal(tokens["warn"], palette.Warning);
        Assert.Equal(tokens["bad"], palette.Error);
        Assert.Equal(tokens["info"], palette.Info);
    }

    [Fact]
    public void Dates_are_written_one_way()
    {
        var at = new DateTimeOffset(2026, 11, 29, 14, 5, 9, TimeSpan.Zero);
        Assert.Equal(
            ["Nov 29, 2026", "Nov 29", "November 29", "Nov 29, 14:05", "Nov 29, 2026, 14:05:09"],
            [DateWords.Day(at), DateWords.DayOfYear(at), DateWords.LongDayOfYear(at), DateWords.Minute(at), DateWords.Second(at)]
        );
        var elsewhere =
            from file in Repository.Sources("Portal", ".razor", ".cs")
            where !file.EndsWith("DateWords.cs", StringComparison.Ordinal)
            from line in Repository.Lines(file)
            where line.Contains("d MMM", StringComparison.Ordinal) || line.Contains("MMM d", StringComparison.Ordinal)
            select $"{file}: {line}";
        Assert.Empty(elsewhere);
    }
}
