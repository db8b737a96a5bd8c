using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What the portal writes about budgets.</summary>
internal static class BudgetMails
{
    internal static Mail Of(string to, Organization organization, CurrentBill bill, Budget budget, BudgetAlert alert, IPublicAddress address)
    {
        var month = bill.Month.Name;
        var spent = Spent(organization, bill, alert.Amount);
        var goesOn = budget.SlowsAtPercent is null
            ? "This budget has no hard cap: your topics keep working, and usage is billed as usual."
            : "Its hard cap slows publishing down and then blocks it, as you chose. Consumers aren't affected.";
        var (subject, body) = alert switch
        {
            { Percent: null, Forecast: { } forecast } => (
                "You're on track to exceed your monthly budget",
                $"{spent} At its recent pace, {month} will come to {Range(forecast)}. {goesOn}"),
            { Percent: >= 100 } => ("You've reached your monthly budget", $"{spent} {goesOn}"),
            _ => ($"You've used {alert.Percent}% of your monthly budget", spent),
        };
        return new(to, subject, body, new Uri(address.Url, $"/o/{organization.Slug}/billing"), "Open billing");
    }

    /// <summary>The hard cap did something.</summary>
    internal static Mail Of(string to, Organization organization, CurrentBill bill, Budget budget, Publishing publishing, IPublicAddress address)
    {
        var spent = Spent(organization, bill, budget.Amount);
        var (subject, body) = publishing switch
        {
            Publishing.Blocked => (
                "Publishing is blocked: you've reached your hard cap",
                $"{spent} Keys can no longer publish, and source connectors and functions are stopped. Consumers keep reading, and nothing is deleted. "
                + "To publish again, raise the budget or remove its hard cap; otherwise publishing resumes with the new month."),
            Publishing.Slowed => (
                $"Publishing is slowed down: you've used {budget.PercentOf(bill.Total)}% of your budget",
                $"{spent} Each topic now accepts a tenth of its usual publish rate. At 100% of the budget, publishing is blocked. To lift this, raise the budget or remove its hard cap."),
            _ => ("Publishing is back to normal", $"{spent} The hard cap no longer holds publishing back: keys, source connectors and functions publish at their usual rates again."),
        };
        return new(to, subject, body, new Uri(address.Url, $"/o/{organization.Slug}/billing"), "Open billing");
    }

    private static string Spent(Organization organization, CurrentBill bill, Money amount)
    {
        var metered = bill.CompleteTo is { } until ? $", metered to {until.UtcDateTime:MMMM d, HH:mm} UTC" : "";
        return $"{organization.Name} has spent {MoneyFormat.Text(bill.Total)} of its {MoneyFormat.Text(amount)} budget for {bill.Month.Name}{metered}.";
    }

    private static string Range(Forecast forecast) =>
        forecast.Low == forecast.High ? $"about {MoneyFormat.Text(forecast.Low)}" : $"{MoneyFormat.Text(forecast.Low)} to {MoneyFormat.Text(forecast.High)}";
}
