using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>Why somebody is told of a budget.</summary>
/// <param name="Percent">The highest of the chosen percentages that was reached; null when it is the forecast that goes over.</param>
public sealed record BudgetAlert(int? Percent, Money Spent, Money Amount, Forecast? Forecast);

/// <summary>
/// What an organization means to spend in a calendar month (UTC), and at which shares of it people are told. Without a
/// hard cap it stops nothing; with one, publishing slows down at a share of the amount and is blocked at all of it. Each alert is given
/// once a month. Whoever changes the budget sees what is reached by then, so that is no news:
/// or one program that sets it again and again would write to everybody each time.
/// </summary>
public sealed class Budget
{
    /// <summary>Alerts of one budget.</summary>
    public const int MostAlerts = 10;

    /// <summary>A share beyond this is no alert but an accident.</summary>
    public const int LargestPercent = 1000;

    /// <summary>Percent.</summary>
    public const int SlowsAtUnlessSaid = 90;

    private Budget() { }

    public Budget(OrganizationId organization, BudgetWish wish, string by, DateTimeOffset at)
    {
        OrganizationId = organization;
        Change(wish, by, at);
    }

    public OrganizationId OrganizationId { get; private set; }
    public long AmountMinor { get; private set; }
    public string CurrencyCode { get; private set; } = "usd";

    /// <summary>Percentages in order, separated by commas; empty for none.</summary>
    public string AlertPercents { get; private set; } = "";

    /// <summary>People are told, too, when the month is heading over the budget.</summary>
    public bool AlertsOnForecast { get; private set; }

    /// <summary>
    /// With a hard cap: the share of the amount, in percent, from which on publishing is slowed down, 100 for not at all before it is
    /// blocked. Null without one.
    /// </summary>
    public int? SlowsAtPercent { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }
    public string ChangedBy { get; private set; } = "";

    /// <summary>The month that the next two are about.</summary>
    public string ToldMonth { get; private set; } = "";

    public int ToldPercent { get; private set; }
    public bool ToldForecast { get; private set; }

    public Money Amount => new(AmountMinor, Currency.TryParse(CurrencyCode, out var currency) ? currency : Currency.Usd);

    public IReadOnlyList<int> Alerts =>
        [.. AlertPercents.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];

    public void Change(BudgetWish wish, string by, DateTimeOffset at)
    {
        (AmountMinor, CurrencyCode) = (wish.Amount.Minor, wish.Amount.Currency.Code);
        (AlertPercents, AlertsOnForecast) = (string.Join(',', wish.Alerts.Distinct().Order()), wish.AlertsOnForecast);
        SlowsAtPercent = wish.SlowsAt;
        (ChangedAt, ChangedBy) = (at, by);
    }

    /// <summary>The part of the budget that is spent, in whole percent, rounded down: 99.9 % is not yet all of it.</summary>
    public int PercentOf(Money spent) => Percent(spent, Amount);

    /// <summary>
    /// What people have to be told that they were not, and from now on were. Several percentages at once are one alert, the
    /// highest. The forecast counts when even its lower end is over the budget, and not in a month's first day, in which an
    /// hour's traffic says nothing of a month.
    /// </summary>
    public BudgetAlert? Tell(Month month, Money spent, Forecast? forecast, DateTimeOffset now)
    {
        if (spent.Currency != Amount.Currency)
            return null;
        if (ToldMonth != month.ToString())
            (ToldMonth, ToldPercent, ToldForecast) = (month.ToString(), 0, false);
        var percent = PercentOf(spent);
        if (Alerts.LastOrDefault(one => one <= percent) is > 0 and var reached && reached > ToldPercent)
        {
            ToldPercent = reached;
            // That the month goes over is no news to who hears that it has.
            if (percent >= 100)
                ToldForecast = true;
            return new(reached, spent, Amount, forecast);
        }
        if (!IsHeadingOver(month, spent, forecast, now) || !AlertsOnForecast || ToldForecast)
            return null;
        ToldForecast = true;
        return new(null, spent, Amount, forecast);
    }

    /// <summary>Within the budget so far, and not by the end of the month if things go on as they do.</summary>
    public bool IsHeadingOver(Month month, Money spent, Forecast? forecast, DateTimeOffset now) =>
        forecast is not null
        && forecast.Low.Currency == Amount.Currency
        && now - month.Start >= TimeSpan.FromDays(1)
        && forecast.Low.Minor > AmountMinor
        && spent.Minor < AmountMinor;

    /// <summary>
    /// What the hard cap comes to. Only what is spent counts, never a forecast: nobody is stopped by a guess. While price
    /// list and budget are of two currencies there is nothing to compare.
    /// </summary>
    public Publishing PublishingAt(Money spent) =>
        SlowsAtPercent is not { } slows
            ? Publishing.Open
            : PercentOf(spent) switch
            {
                >= 100 => Publishing.Blocked,
                var percent when percent >= slows => Publishing.Slowed,
                _ => Publishing.Open,
            };

    /// <summary>What is reached while it is set is known.</summary>
    public void Begin(Month month, Money spent, Forecast? forecast, DateTimeOffset now) =>
        (ToldMonth, ToldPercent, ToldForecast) = (
            month.ToString(),
            Alerts.LastOrDefault(one => one <= PercentOf(spent)),
            PercentOf(spent) >= 100 || IsHeadingOver(month, spent, forecast, now)
        );

    private static int Percent(Money spent, Money amount) =>
        spent.Currency != amount.Currency || spent.Minor <= 0 ? 0 : (int)Int128.Min(int.MaxValue, (Int128)spent.Minor * 100 / amount.Minor);
}

/// <summary>What a budget is to be.</summary>
/// <param name="Alerts">Percentages of the amount; empty for none.</param>
/// <param name="SlowsAt">See <see cref="Budget.SlowsAtPercent"/>; null for no hard cap.</param>
public sealed record BudgetWish(Money Amount, IReadOnlyList<int> Alerts, bool AlertsOnForecast, int? SlowsAt = null);

public interface IBudgetStore
{
    Task<Budget?> FindAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>Of organizations that are not closed, by their ids.</summary>
    Task<IReadOnlyList<OrganizationId>> OrganizationsAsync(OrganizationId? after, int limit, CancellationToken cancellationToken);

    void Add(Budget budget);

    void Remove(Budget budget);
}
