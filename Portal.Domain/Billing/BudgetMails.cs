using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What the portal writes about budgets.</summary>
public static class BudgetMails
{
    private static readonly MailTemplate<BudgetMail> ShareTemplate = Budgets(
        "budget.share",
        "Budget: share used",
        "a share of the budget that they chose is used",
        mail => $"You've used {Percent(mail)}% of your monthly budget",
        _ => ""
    );

    private static readonly MailTemplate<BudgetMail> ReachedTemplate = Budgets(
        "budget.reached",
        "Budget reached",
        "the whole budget is used",
        _ => "You've reached your monthly budget",
        GoesOn
    );

    private static readonly MailTemplate<BudgetMail> ForecastTemplate = Budgets(
        "budget.forecast",
        "Budget: forecast",
        "the month is on track to exceed the budget",
        _ => "You're on track to exceed your monthly budget",
        mail => $"At its recent pace, {mail.Month} will come to {Range(mail.Forecast!)}. {GoesOn(mail)}"
    );

    private static readonly MailTemplate<BudgetMail> SlowedTemplate = Budgets(
        "budget.slowed",
        "Hard cap: publishing slowed down",
        "a hard cap slows publishing down",
        mail => $"Publishing is slowed down: you've used {Percent(mail)}% of your budget",
        _ =>
            "Each topic now accepts a tenth of its usual publish rate. At 100% of the budget, publishing is blocked. "
            + "To lift this, raise the budget or remove its hard cap."
    );

    private static readonly MailTemplate<BudgetMail> BlockedTemplate = Budgets(
        "budget.blocked",
        "Hard cap: publishing blocked",
        "a hard cap blocks publishing",
        _ => "Publishing is blocked: you've reached your hard cap",
        _ =>
            "Keys can no longer publish, and source connectors and functions are stopped. Consumers keep reading, and nothing is deleted. "
            + "Stored data, partitions, and running sinks keep costing; until the cap is lifted, nothing can be created that costs "
            + "more.\n\n"
            + "To publish again, raise the budget or remove its hard cap; otherwise publishing resumes with the new month."
    );

    private static readonly MailTemplate<BudgetMail> OpenTemplate = Budgets(
        "budget.open",
        "Hard cap: publishing back to normal",
        "a hard cap lets publishing go on",
        _ => "Publishing is back to normal",
        _ => "The hard cap no longer holds publishing back: keys, source connectors and functions publish at their usual rates again."
    );

    public static IReadOnlyList<MailTemplate> Templates { get; } =
    [ShareTemplate, ForecastTemplate, ReachedTemplate, SlowedTemplate, BlockedTemplate, OpenTemplate];

    internal static Mail Of(
        MailRecipient to,
        Organization organization,
        CurrentBill bill,
        Budget budget,
        BudgetAlert alert,
        IPublicAddress address
    )
    {
        var template = alert switch
        {
            { Percent: null, Forecast: not null } => ForecastTemplate,
            { Percent: >= 100 } => ReachedTemplate,
            _ => ShareTemplate,
        };
        return template.Write(
            to,
            Model(organization, bill, budget, address) with
            {
                Amount = alert.Amount,
                Percent = alert.Percent ?? 0,
                Forecast = alert.Forecast,
            }
        );
    }

    /// <summary>The hard cap did something.</summary>
    internal static Mail Of(
        MailRecipient to,
        Organization organization,
        CurrentBill bill,
        Budget budget,
        Publishing publishing,
        IPublicAddress address
    )
    {
        var template = publishing switch
        {
            Publishing.Blocked => BlockedTemplate,
            Publishing.Slowed => SlowedTemplate,
            _ => OpenTemplate,
        };
        return template.Write(to, Model(organization, bill, budget, address));
    }

    private static MailTemplate<BudgetMail> Budgets(
        string kind,
        string title,
        string happens,
        Func<BudgetMail, string> subject,
        Func<BudgetMail, string> says
    ) =>
        new()
        {
            Kind = kind,
            Title = title,
            When = $"To members who can see billing, when {happens}.",
            Because = "you can see billing in this organization",
            SampleOf = portal =>
                new(
                    "Northwind",
                    "November",
                    new Money(46_000, Currency.Usd),
                    new Money(50_000, Currency.Usd),
                    92,
                    true,
                    MailSamples.At,
                    new(new Money(98_000, Currency.Usd), new Money(112_500, Currency.Usd)),
                    new Uri(portal, "/o/northwind/billing")
                ),
            Compose = (mail, zone) =>
                new MailDraft(
                    subject(mail),
                    $"{mail.Organization} has spent {MoneyFormat.Text(mail.Spent)} of its {MoneyFormat.Text(mail.Amount)} budget "
                        + $"for {mail.Month}.\n\n{says(mail)}"
                )
                    .Facts(
                        ("Spent", MoneyFormat.Text(mail.Spent)),
                        ("Budget", MoneyFormat.Text(mail.Amount)),
                        ("Metered to", mail.MeteredTo is { } until ? zone.Minute(until) : null)
                    )
                    .Button("Open billing", mail.Page),
        };

    private static string GoesOn(BudgetMail mail) =>
        mail.IsCapped
            ? "Its hard cap slows publishing down and then blocks it, as you chose. Consumers aren't affected."
            : "This budget has no hard cap: your topics keep working, and usage is billed as usual.";

    private static string Percent(BudgetMail mail) => mail.Percent.ToString(CultureInfo.InvariantCulture);

    private static string Range(Forecast forecast) =>
        forecast.Low == forecast.High
            ? $"about {MoneyFormat.Text(forecast.Low)}"
            : $"{MoneyFormat.Text(forecast.Low)} to {MoneyFormat.Text(forecast.High)}";

    private static BudgetMail Model(Organization organization, CurrentBill bill, Budget budget, IPublicAddress address) =>
        new(
            organization.Name,
            bill.Month.Name,
            bill.Total,
            budget.Amount,
            budget.PercentOf(bill.Total),
            budget.SlowsAtPercent is not null,
            bill.CompleteTo,
            null,
            new Uri(address.Url, $"/o/{organization.Slug}/billing")
        );

    /// <param name="Month">The calendar month of the budget, which is UTC's.</param>
    /// <param name="MeteredTo">Null before the first figures.</param>
    private sealed record BudgetMail(
        string Organization,
        string Month,
        Money Spent,
        Money Amount,
        int Percent,
        bool IsCapped,
        DateTimeOffset? MeteredTo,
        Forecast? Forecast,
        Uri Page
    );
}
