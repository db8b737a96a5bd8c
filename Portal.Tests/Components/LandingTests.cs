using Bunit;
using Portal.Domain.Billing;
using Portal.Features.Home;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>What somebody sees who has no account, whatever the operator has published by then.</summary>
public sealed class LandingTests : PageTest
{
    private static readonly PriceBook Shipped = PriceBook.Parse(PriceBook.ShippedDocument).Value;

    [Fact]
    public void Prices_and_the_worked_example_are_those_in_effect()
    {
        var page = RenderLanding(Shipped);
        Assert.Equal(
            ["65,717,293,678", "61.20 GiB", "10 GiB free, 51.2 GiB at $0.10", "$5.12"],
            page.FindAll(".trace .v").Select(step => step.TextContent)
        );
        Assert.Equal("$42.81", page.Find("[data-estimate] .total .v").TextContent);
        Assert.Equal("Web service", page.Find(".presets [aria-current=true]").TextContent);
        Assert.Equal(
            ["in", "out", "stored", "partitions", "connectors"],
            page.FindAll("form[data-calculator] input[name]").Select(input => input.GetAttribute("name"))
        );
        // Each number has its label; the slider beside it comes with the script that moves it.
        Assert.All(page.FindAll("input[type=number]"), input => Assert.NotNull(page.Find($"label[for={input.Id}]")));
        Assert.All(page.FindAll("input[type=range]"), slider => Assert.True(slider.HasAttribute("hidden")));
    }

    [Fact]
    public void A_preset_leads_to_the_same_page_with_its_numbers()
    {
        var page = RenderLanding(Shipped);
        var side = page.FindAll(".presets a")[0];
        Assert.Equal("?in=5&out=10&stored=1&partitions=3&connectors=0#prices", side.GetAttribute("href"));
        var month = ExpectedMonth.Read("5", "10", "1", "3", "0");
        page.Render(parameters => parameters.Add(landing => landing.Expected, month));
        Assert.Equal("$3.19", page.Find("[data-estimate] .total .v").TextContent);
        Assert.Equal("Side project", page.Find(".presets [aria-current=true]").TextContent);
    }

    [Fact]
    public void Before_prices_are_published_nothing_is_calculated()
    {
        var page = RenderLanding(null);
        Assert.Empty(page.FindAll("form, .trace"));
        Assert.Contains("nothing is charged", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fresh_installation_asks_for_its_operator_first()
    {
        var page = RenderLanding(Shipped, isFresh: true);
        Assert.Equal(["first-run"], page.FindAll("a.btn.pri").Select(button => button.GetAttribute("href")));
    }

    private IRenderedComponent<StrangersLanding> RenderLanding(PriceBook? book, bool isFresh = false) =>
        Render<StrangersLanding>(parameters =>
            parameters
                .Add(landing => landing.IsFresh, isFresh)
                .Add(landing => landing.Book, book)
                .Add(landing => landing.Plans, null)
                .Add(landing => landing.Expected, ExpectedMonth.Example)
        );
}
