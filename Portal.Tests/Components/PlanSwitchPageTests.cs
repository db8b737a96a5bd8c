using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Billing;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The billing page before, during, and after a change of plan.</summary>
public sealed class PlanSwitchPageTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_upgrade_without_a_card_says_what_is_missing_and_can_be_taken_back()
    {
        await PendingAsync();
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(
            () => Assert.Contains("Add a card to finish switching to Pay as you go.", page.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.DoesNotContain(page.FindAll("button"), button => button.TextContent.StartsWith("Change to", StringComparison.Ordinal));
        await Button(page, "Keep Free").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-pending-plan]")), Soon);
        Assert.Contains("You stay on Free.", page.Markup, StringComparison.Ordinal);
        Assert.Null((await Database.ReadAsync(session => session.Organizations.FindAsync(Org, default), default))!.AwaitingCardFor);
    }

    [Fact]
    public async Task Changing_to_Pay_as_you_go_shows_prices_first_and_changes_nothing_when_canceled()
    {
        await Use<EnsureShippedPriceBook>().RunAsync(default);
        ((MemoryGateway)Use<IPaymentGateway>()).HasCard = false;
        var dialogs = RenderDialogs();
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Button(page, "Change to Pay as you go…"), Soon);
        _ = Button(page, "Change to Pay as you go…").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("$0.10 per GiB, first 10 GiB free", dialogs.Markup, StringComparison.Ordinal), Soon);
        Assert.Contains("As soon as you add a card", dialogs.Markup, StringComparison.Ordinal);
        Button(dialogs, "Add a card at Stripe");
        await Button(dialogs, "Cancel").ClickAsync(new());
        Assert.Null((await Database.ReadAsync(session => session.Organizations.FindAsync(Org, default), default))!.AwaitingCardFor);
    }

    [Fact]
    public async Task Changing_to_Free_says_when_charges_stop_and_does_it()
    {
        await ChangeAsync(organization => organization.ChangePlan(PlanCode.Payg, PayBy.Invoice));
        var dialogs = RenderDialogs();
        var page = Render<BillingPage>(parameters => parameters.Add(one => one.Org, Org));
        page.WaitForAssertion(() => Button(page, "Change to Free…"), Soon);
        _ = Button(page, "Change to Free…").ClickAsync(new());
        dialogs.WaitForAssertion(
            () => Assert.Contains("They stop at the next full hour, 16:00 UTC.", dialogs.Markup, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("$0.00", dialogs.Markup, StringComparison.Ordinal);
        await Button(dialogs, "Change to Free").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("You changed to Free.", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Equal(PlanCode.Free, (await Database.ReadAsync(session => session.Organizations.FindAsync(Org, default), default))!.Plan);
    }

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> within, string text)
        where T : Microsoft.AspNetCore.Components.IComponent =>
        within.FindAll("button").Single(button => button.TextContent.Trim() == text);

    private Task PendingAsync() =>
        ChangeAsync(organization =>
        {
            ((MemoryGateway)Use<IPaymentGateway>()).HasCard = false;
            organization.AwaitCardFor(PlanCode.Payg);
        });

    private Task ChangeAsync(Action<Organization> change) =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                change((await session.Organizations.FindAsync(Org, CancellationToken.None))!);
                return true;
            },
            CancellationToken.None
        );
}
