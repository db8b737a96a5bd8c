using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Tenants;
using Portal.Features.Tenants;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Components;

/// <summary>Where owners and admins say which fields are masked, and what others read there.</summary>
public sealed class MaskingCardTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Fields_are_written_one_a_line_and_read_back()
    {
        await TenantAsync();
        var card = Card();
        card.WaitForElement("#mask-fields", Soon);
        await card.Find("#mask-fields").InputAsync("$..email\norders: payload\nproperty:card");
        await card.Find("form").SubmitAsync();
        card.WaitForAssertion(() => Assert.Contains("Saved.", card.Markup, StringComparison.Ordinal), Soon);
        var masking = (await Use<GetMasking>().RunAsync(Owner, Org, "shop", "default", CancellationToken.None)).Value;
        Assert.Equal([new("$..email"), new("payload", "orders"), new("property:card")], masking.Rules);
        Assert.Equal([Role.Developer], masking.Roles);
    }

    [Fact]
    public async Task What_is_no_field_is_said_at_the_field()
    {
        await TenantAsync();
        var card = Card();
        card.WaitForElement("#mask-fields", Soon);
        await card.Find("#mask-fields").InputAsync("email");
        await card.Find("form").SubmitAsync();
        card.WaitForAssertion(() => Assert.Contains("Write payload, key, property:name", card.Markup, StringComparison.Ordinal), Soon);
    }

    [Theory]
    [InlineData("o/northwind/usage", "<a href=\"o/northwind/usage\">/o/northwind/usage</a>")]
    [InlineData("o/northwind/tenants/shop/default/orders", "<a href=\"o/northwind/tenants/shop\">/o/northwind/tenants/shop</a>")]
    [InlineData("o/northwind", "<a href=\"o/northwind/tenants\">/o/northwind/tenants</a>")]
    public void Help_leads_to_the_pages_of_the_organization_that_is_open(string path, string link) =>
        Assert.Contains(link, HelpTexts.Of("topics", path).Value, StringComparison.Ordinal);

    private IRenderedComponent<MaskingCard> Card() =>
        Render<MaskingCard>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop").Add(one => one.Namespace, "default")
        );
}
