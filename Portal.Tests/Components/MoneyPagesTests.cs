using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Usage;
using Portal.Features.Billing;
using Portal.Features.Home;
using Portal.Features.Operator;
using Portal.Features.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Pages about money: empty, refused, and the words for what was not metered.</summary>
public sealed class MoneyPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public void Usage_of_nothing_says_what_is_to_come()
    {
        var page = Render<UsagePage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Contains("Nothing was used in this time", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("nothing metered yet", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Usage_of_an_organization_that_is_not_there_is_a_problem_and_no_page()
    {
        var page = Render<UsagePage>(parameters => parameters.Add(one => one.Org, "elsewhere"));
        page.WaitForAssertion(() => Assert.Equal("organization-not-found", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public void An_invoice_that_is_not_there_says_so()
    {
        var page = Render<InvoicePage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Number, "northwind-2026-01-1"));
        page.WaitForAssertion(() => Assert.Equal("invoice-not-found", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public void Prices_are_the_operators()
    {
        var refused = Render<PricesPage>();
        refused.WaitForAssertion(() => Assert.Equal("operator-only", refused.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public void A_what_if_says_as_it_is_what_would_be_and_which_limits_are_passed()
    {
        var page = Render<WhatIfPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal("0", page.Find("[data-after-minor]").GetAttribute("data-after-minor")), Soon);
        Assert.Contains("Free: nothing is charged", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Nothing was used in this time", page.Markup, StringComparison.Ordinal);
        Assert.EndsWith(
            "?traffic=200",
            page.FindAll("[data-choice=traffic]").First(link => link.TextContent == "Twice").GetAttribute("href"),
            StringComparison.Ordinal
        );
        Assert.Contains(
            page.FindAll("[data-choice=plan]"),
            link => link.GetAttribute("href")!.EndsWith("?plan=payg", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_what_if_of_an_address_that_makes_no_sense_says_what_to_write()
    {
        Use<Microsoft.AspNetCore.Components.NavigationManager>().NavigateTo("o/northwind/billing/what-if?traffic=much");
        var page = Render<WhatIfPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Equal("percent-out-of-range", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);
    }

    [Fact]
    public void What_was_recovered_is_merged_by_the_hour_it_belongs_to()
    {
        var nine = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
        NamedRecovery Of(int from, int to, string topic, long bytes) =>
            new(
                new(nine.AddMinutes(from), nine.AddMinutes(to), "europe", $"persistent://shop/default/{topic}", new(Guid.NewGuid()), bytes),
                "shop",
                "default",
                topic
            );
        var merged = RecoveryWords.Merge([Of(1, 4, "orders", 1 << 20), Of(50, 65, "orders", 1 << 20), Of(52, 66, "clicks", 1 << 20)]);
        Assert.Equal(2, merged.Count);
        Assert.StartsWith(
            "2.0 MiB written to 2 topics was recovered from the cluster's own storage records",
            merged[0].Sentence,
            StringComparison.Ordinal
        );
        Assert.StartsWith("1.0 MiB written to shop/default/orders was recovered", merged[1].Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_is_told_which_roles_may_see_the_bill()
    {
        var viewer = await MemberAsync(Role.Viewer);
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(viewer));
        page.WaitForAssertion(() => Assert.Equal("role-missing", page.Find("[data-problem]").GetAttribute("data-problem")), Soon);
        Assert.Contains("Only owners, admins, and billing members can do this.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Billing_of_a_newcomer_says_what_is_to_come()
    {
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Assert.Contains("Change to Pay as you go", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("No invoices yet", page.Markup, StringComparison.Ordinal);
        Assert.Contains("The Free plan meters what you use and costs nothing.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Cards_wait_for_a_fresh_proof_and_nothing_is_claimed_about_them_before()
    {
        var staleProof = Owner with { Session = new SessionId(Guid.NewGuid()) };
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org).AddCascadingValue(staleProof));
        page.WaitForAssertion(
            () =>
                Assert.Equal(
                    "account/confirm?returnUrl=%2Fo%2Fnorthwind%2Fbilling",
                    page.Find("a.btn[href^='account/confirm']").GetAttribute("href")
                ),
            Soon
        );
        Assert.DoesNotContain("No payment method yet", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-problem]"));
    }

    [Fact]
    public async Task A_card_that_went_with_its_customer_at_Stripe_is_asked_for_again()
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, CancellationToken.None))!;
                organization.ChangePlan(PlanCode.Payg, PayBy.Card);
                organization.SetStripeCustomer("cus_again");
                organization.AwaitCardFor(PlanCode.Payg);
                var item = Assert.Single(Attention.Of(organization, Unready.None, Clock.GetUtcNow()));
                Assert.Equal(("No payment method", true), (item.Title, item.Grave));
                return true;
            },
            CancellationToken.None
        );
        ((MemoryGateway)Use<IPaymentGateway>()).HasCard = false;
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(
            () =>
                Assert.Contains(
                    "No payment method yet. Add a card so that your next invoice can be paid.",
                    page.Markup,
                    StringComparison.Ordinal
                ),
            Soon
        );
        Assert.Empty(page.FindAll("[data-problem]"));
    }

    [Fact]
    public void Gaps_are_merged_by_the_hour_they_begin_in_their_cluster_and_their_cause()
    {
        var nine = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
        NamedGap Gap(int from, int to, GapCause cause, string cluster = "europe", params string[] topics) =>
            new(new(nine.AddSeconds(from), nine.AddSeconds(to), cluster, "b-1", [], cause), topics);
        var merged = GapWords.Merge([
            Gap(10, 14, GapCause.CounterReset, topics: "shop/default/orders"),
            Gap(60, 66, GapCause.CounterReset, topics: "shop/default/orders"),
            Gap(70, 74, GapCause.CounterReset, "asia", "shop/default/far"),
            Gap(3_500, 4_200, GapCause.BrokerGone, topics: ["shop/default/orders", "shop/default/clicks"]),
        ]);
        Assert.Equal(
            [
                "2 short gaps of shop/default/orders, 10 s, were not metered and are not charged: the broker's counters began again.",
                "4 s of shop/default/far was not metered and is not charged: the broker's counters began again.",
                "12 min of 2 topics was not metered and is not charged: the broker left the cluster.",
            ],
            merged.Select(gap => gap.Sentence)
        );
        Assert.Equal("Nov 23, 09:58–10:10 UTC:", merged[2].When);
        Assert.Equal("Nov 23, 09:01 UTC:", merged[1].When);
    }
}
