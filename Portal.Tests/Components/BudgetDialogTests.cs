using Bunit;
using MudBlazor;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Features.Billing;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>A hard cap below what is spent stops a customer's producers: the dialog says so before it does.</summary>
public sealed class BudgetDialogTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_cap_below_what_is_spent_is_saved_only_by_who_has_read_what_it_does()
    {
        var dialogs = RenderDialogs();
        var bill = new CurrentBill(
            new Month(2026, 11),
            Currency.Usd,
            PlanCode.Payg,
            [],
            new Money(281_809, Currency.Usd),
            Money.Zero(Currency.Usd),
            Money.Zero(Currency.Usd),
            null,
            null
        );
        var parameters = new DialogParameters<BudgetDialog> { { opened => opened.Org, Org }, { opened => opened.Bill, bill } };
        var dialog = await dialogs.InvokeAsync(() => Use<IDialogService>().ShowAsync<BudgetDialog>("Budget", parameters));
        dialogs.WaitForElement("#budget-amount", Soon);
        Assert.Contains("November so far: $2,818.09.", dialogs.Find("#budget-amount-note").TextContent, StringComparison.Ordinal);

        dialogs.Find("#budget-amount").Input("300");
        await dialogs.FindAll("input[type=checkbox]")[1].ChangeAsync(new() { Value = true });
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () =>
                Assert.Equal(
                    "You've already spent $2,818.09 this month, 939% of this budget. "
                        + "Saving blocks publishing now, until you raise the budget or the month ends.",
                    dialogs.Find("[data-consequence]").TextContent
                ),
            Soon
        );
        Assert.Null(await BudgetAsync());

        // Another amount is another consequence, and is read again.
        dialogs.Find("#budget-amount").Input("3000");
        await dialogs.Find(".btn.pri").ClickAsync();
        dialogs.WaitForAssertion(
            () => Assert.Contains("slows publishing down now", dialogs.Find("[data-consequence]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Null(await BudgetAsync());
        Assert.Equal("Save anyway", dialogs.Find(".btn.pri").TextContent);
        await dialogs.Find(".btn.pri").ClickAsync();
        await dialog.Result;
        Assert.Equal(300_000, (await BudgetAsync())!.Amount.Minor);
    }

    private Task<Budget?> BudgetAsync() =>
        Database.ReadAsync(
            async session =>
                await session.Budgets.FindAsync(
                    (await session.Organizations.FindAsync(Org, CancellationToken.None))!.Id,
                    CancellationToken.None
                ),
            CancellationToken.None
        );
}
