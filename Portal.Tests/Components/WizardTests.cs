using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Features.Credentials;
using Portal.Features.Tenants;
using Portal.Features.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Wizards: each step has its address, says what is wrong with it, and loses nothing.</summary>
public sealed class WizardTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public async Task A_topic_is_described_step_by_step_and_created_at_once()
    {
        await TenantAsync();
        var page = await TopicWizardAsync();
        page.WaitForElement("#name", Soon).Input("orders");
        await NextAsync(page);
        Assert.EndsWith("?step=shape", Navigation.Uri, StringComparison.Ordinal);
        page.Find("#rate").Input("250");
        Assert.Contains("so use 3 partitions", page.Find(".note").TextContent, StringComparison.Ordinal);
        await page.Find(".note .link").ClickAsync();
        Assert.Equal("3", page.Find("#partitions").GetAttribute("value"));
        await NextAsync(page);
        Assert.Contains("1 day", page.Find(".kv").TextContent, StringComparison.Ordinal);
        Assert.Equal($"o/{Org}/tenants/shop/default", page.Find("form a[target]").GetAttribute("href"));
        await NextAsync(page);
        page.Find("input[name=schema][value=JSON]").Change("JSON");
        page.Find("#definition").Input("""{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}""");
        await page.FindAll("form .btn.small")[0].ClickAsync();
        Assert.Contains("a record with 1 field.", page.Find("#definition-note").TextContent, StringComparison.Ordinal);
        await NextAsync(page);
        page.Find("#subscriptions").Input("billing\naudit\n");
        page.Find("#dead-letters").Change(true);
        Assert.Contains("orders-audit-DLQ", page.Markup, StringComparison.Ordinal);
        await NextAsync(page);
        Assert.Equal("Review and create", page.Find("form h2").TextContent);
        var call = page.Find(".snippet pre").TextContent;
        Assert.Contains("\"deadLetters\": true", call, StringComparison.Ordinal);
        Assert.Contains($"/api/v1/organizations/{Org}/tenants/shop/namespaces/default/topics'", call, StringComparison.Ordinal);
        Assert.Equal(5, page.FindAll(".wizard-steps .done").Count);
        await page.Find("form").SubmitAsync();

        page.WaitForAssertion(
            () => Assert.EndsWith($"o/{Org}/tenants/shop/default/orders", Navigation.Uri, StringComparison.Ordinal),
            Soon
        );
        var topics = (await Use<ListTopics>().RunAsync(Owner, Org, "shop", "default", new(), CancellationToken.None)).Value.Items;
        Assert.Equal(["orders", "orders-audit-DLQ", "orders-billing-DLQ"], topics.Select(topic => topic.Name));
        Assert.Equal((3, "JSON", 2), (topics[0].Partitions, topics[0].StartsWith!.SchemaType, topics[0].StartsWith!.Subscriptions.Count));
    }

    [Theory]
    [InlineData("shape", "#partitions", "2.5", "#partitions-note", "whole number")]
    [InlineData("shape", "#rate", "many", "#rate-note", "messages per second")]
    [InlineData("shape", "#message-size", "0", "#message-size-note", "average size")]
    [InlineData("subscriptions", "#subscriptions", "bil/ling", "#subscriptions-note", "bil/ling")]
    public async Task A_step_says_what_is_wrong_with_it_and_does_not_go_on(string step, string field, string text, string note, string says)
    {
        await TenantAsync();
        var page = await TopicWizardAsync(step);
        page.WaitForElement(field, Soon).Input(text);
        await page.Find("form").SubmitAsync();
        Assert.Contains(says, page.Find(note).TextContent, StringComparison.Ordinal);
        Assert.EndsWith($"?step={step}", Navigation.Uri, StringComparison.Ordinal);
        Assert.Single(page.FindAll(".wizard-steps .wrong"));
    }

    [Fact]
    public async Task What_is_missing_in_another_step_leads_there()
    {
        await TenantAsync();
        var page = await TopicWizardAsync("review");
        page.WaitForElement("form", Soon);
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.DoesNotContain("step=", Navigation.Uri, StringComparison.Ordinal), Soon);
        Assert.Contains("1 to 200 characters", page.Find("#name-note").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_browser_kept_is_there_again_after_a_reload()
    {
        await TenantAsync();
        var kept = JSInterop.Setup<Dictionary<string, string>?>(
            "portalDrafts.read",
            Portal.Ui.KeptDraft.NameOf(Owner, $"topic/{Org}/shop")
        );
        kept.SetResult(
            new()
            {
                ["name"] = "orders",
                ["namespace"] = "gone",
                ["storage"] = "persistent",
                ["partitions"] = "4",
                ["schema"] = "AVRO",
                ["definition"] = "{",
                ["subscriptions"] = "billing",
                ["position"] = "latest",
                ["dead-letters"] = "true",
            }
        );
        var page = await TopicWizardAsync("review");
        page.WaitForAssertion(
            () => Assert.Contains("billing, from the next message", page.Find(".review").TextContent, StringComparison.Ordinal),
            Soon
        );
        foreach (var text in (string[])["orders", "default", "AVRO", "1 topic"])
            Assert.Contains(text, page.Find(".review").TextContent, StringComparison.Ordinal);

        kept.SetResult([]);
        await page.FindAll("form button").Single(button => button.TextContent == "Start over").ClickAsync();
        Assert.Equal("", page.WaitForElement("#name", Soon).GetAttribute("value") ?? "");
        Assert.Single(JSInterop.Invocations["portalDrafts.forget"]);
    }

    [Fact]
    public async Task The_estimate_is_what_an_invoice_would_come_to()
    {
        await TenantAsync();
        await Use<EnsureShippedPriceBook>().RunAsync(CancellationToken.None);
        await Use<ChangePlan>().RunAsync(Owner, Org, Portal.Domain.Access.PlanCode.Payg, CancellationToken.None);
        var summary = (await Use<GetOrganizationSummary>().RunAsync(Owner, Org, CancellationToken.None)).Value;
        Navigation.NavigateTo($"o/{Org}/tenants/shop/topics/new?step=shape");
        var page = Render<NewTopicPage>(parameters =>
            parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop").AddCascadingValue(summary)
        );
        page.WaitForElement("#partitions", Soon).Input("3");
        var cost = page.Find(".card .v").TextContent;
        Assert.StartsWith(summary.Plan.IsCharged ? "$2.63" : "$0.00", cost.Trim(), StringComparison.Ordinal);
        page.Find("#rate").Input("1024");
        Assert.Contains("Every subscription reads every message once.", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Storage", page.Find(".list.plain").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_is_created_from_any_step_with_its_price_and_the_same_as_an_API_call()
    {
        Navigation.NavigateTo($"o/{Org}/tenants/new");
        var page = Render<NewTenantPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForElement("#name", Soon).Input("shop");
        await NextAsync(page);
        Assert.Contains("stand-in", page.Find(".choice").TextContent, StringComparison.Ordinal);
        await NextAsync(page);
        Assert.Contains("\"name\": \"shop\"", page.Find(".snippet pre").TextContent, StringComparison.Ordinal);
        Assert.Contains("$0.00", page.Find(".review").TextContent, StringComparison.Ordinal);
        await page.Find("form").SubmitAsync();
        page.WaitForAssertion(() => Assert.EndsWith($"o/{Org}/tenants/shop", Navigation.Uri, StringComparison.Ordinal), Soon);
    }

    [Fact]
    public async Task A_key_is_made_for_the_topic_that_it_was_asked_for_and_its_token_shown_once()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Navigation.NavigateTo($"o/{Org}/tenants/shop/keys/new?namespace=default&topic=orders");
        var page = Render<NewKeyPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        page.WaitForElement("#key-name", Soon).Input("web");
        await NextAsync(page);
        Assert.True(page.Find("#key-topic-orders").HasAttribute("checked"));
        page.Find("#key-produce").Change(false);
        await NextAsync(page);
        page.Find("input[name=key-expiry][value='30']").Change("30");
        await NextAsync(page);
        foreach (var text in (string[])["web", "Consume", "orders", "In 30 days"])
            Assert.Contains(text, page.Find(".review").TextContent, StringComparison.Ordinal);
        Assert.Contains("\"topics\": [", page.Find(".snippet pre").TextContent, StringComparison.Ordinal);
        var submitted = page.Find("form").SubmitAsync();
        // Nobody carries out grants here: it gives up waiting for them.
        while (!submitted.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Xunit.TestContext.Current.CancellationToken);
        }

        page.WaitForAssertion(
            () => Assert.StartsWith("token-of-", page.Find(".copy .value").TextContent.Trim(), StringComparison.Ordinal),
            Soon
        );
        await page.FindAll("button").Single(button => button.TextContent == "I have copied it").ClickAsync();
        Assert.EndsWith("tab=connect&topic=default%2Forders", Navigation.Uri, StringComparison.Ordinal);
    }

    private Task<IRenderedComponent<NewTopicPage>> TopicWizardAsync(string? step = null)
    {
        Navigation.NavigateTo($"o/{Org}/tenants/shop/topics/new{(step is null ? "" : $"?step={step}")}");
        return Task.FromResult(Render<NewTopicPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop")));
    }

    private static async Task NextAsync<T>(IRenderedComponent<T> page)
        where T : IComponent
    {
        var before = page.Find("form h2").TextContent;
        await page.FindAll("form button").First(button => button.TextContent.StartsWith("Next", StringComparison.Ordinal)).ClickAsync();
        page.WaitForAssertion(() => Assert.NotEqual(before, page.Find("form h2").TextContent), Soon);
    }
}
