using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Billing;

/// <summary>An organization beside what it owes, as one read or one transaction sees it.</summary>
/// <param name="Overdue">Oldest first.</param>
/// <param name="Standing">Null when nothing is overdue.</param>
internal sealed record DunningState(
    Organization Organization,
    DunningCase? Case,
    IReadOnlyList<Invoice> Overdue,
    DunningStanding? Standing,
    int? LastReminder
)
{
    /// <summary>Null for an organization that nobody is reminded of: one that is closed, and the sample company.</summary>
    public static async Task<DunningState?> LoadAsync(
        IPortalSession session,
        OrganizationId id,
        DunningSettings settings,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (
            await session.Organizations.FindAsync(id, cancellationToken)
            is not { IsSample: false, State: not OrganizationState.Closed } organization
        )
            return null;
        var known = await session.Dunning.FindAsync(id, cancellationToken);
        List<Invoice> overdue =
        [
            .. (await session.Invoices.OpenOfAsync(id, cancellationToken))
                .Where(invoice => invoice.IsOverdue(now))
                .OrderBy(invoice => invoice.DueAt),
        ];
        var standing = DunningStanding.Of(settings, overdue.FirstOrDefault()?.DueAt, known?.ExtendedUntil, known?.IsOff == true, now);
        return new(organization, known, overdue, standing, standing?.ReminderOf(settings));
    }

    /// <summary>
    /// What should be in force. An operator's own suspension isn't taken over: everything stands still already, and it ends by the
    /// operator's word only.
    /// </summary>
    public Arrears Target =>
        Standing?.Stage switch
        {
            null => Arrears.None,
            Arrears.Suspended when Organization is { State: OrganizationState.Suspended, Arrears: not Arrears.Suspended } =>
                Arrears.PublishingBlocked,
            { } stage => stage,
        };

    public bool RemindsNow => LastReminder is { } day && day > (Case?.RemindedDay ?? -1);

    /// <summary>What has to be done about it now, by the name it has in the audit log; null for nothing.</summary>
    public string? Act =>
        Target.CompareTo(Organization.Arrears) switch
        {
            > 0 => Target switch
            {
                Arrears.Notice => "dunning.begin",
                Arrears.Restricted => "dunning.restrict",
                Arrears.PublishingBlocked => "dunning.block-publishing",
                _ => "dunning.suspend",
            },
            // A notice limits nothing that could be lifted.
            < 0 => Organization.Arrears >= Arrears.Restricted ? "dunning.lift" : "dunning.end",
            _ => RemindsNow ? "dunning.remind"
            : Standing is null && Case is { IsOff: false } ? "dunning.end"
            : null,
        };

    public Dictionary<string, string> Details =>
        new()
        {
            ["invoices"] = Operation.Brief(string.Join(", ", Overdue.Select(invoice => invoice.Number))),
            ["day"] = (Standing?.Day ?? -1).ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>By currency.</summary>
    public IReadOnlyList<Money> Owed =>
        [
            .. Overdue
                .GroupBy(invoice => invoice.CurrencyCode)
                .Select(group => new Money(
                    group.Sum(invoice => invoice.OwedMinor),
                    Currency.TryParse(group.Key, out var currency) ? currency : Currency.Usd
                )),
        ];
}

/// <summary>What an overdue invoice does to an organization.</summary>
internal static class DunningChanges
{
    /// <summary>
    /// Looks at the organization at once, in the transaction that learned something of an invoice that is or was overdue.
    /// </summary>
    internal static void WakeDunning(this IPortalSession session, Invoice invoice, TimeProvider clock)
    {
        if (invoice.DueAt is not { } due || due > clock.Now())
            return;
        session.Work.Add(clock, new DunWork(invoice.OrganizationId), DunWork.Place(invoice.OrganizationId));
    }

    /// <summary>Brings into force what should be; clusters follow. Nothing is written to anybody here.</summary>
    internal static async Task BringAboutAsync(
        this IPortalSession session,
        DunningState state,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var (organization, target) = (state.Organization, state.Target);
        var (before, publishing) = (organization.Arrears, organization.Publishing);
        if (before == target)
            return;
        organization.FallInto(target);
        if (before == Arrears.Suspended)
            await session.ResumeAsync(organization, clock, cancellationToken);
        if (target == Arrears.Suspended)
            await session.SuspendAsync(organization, $"Invoice {state.Overdue[0].Number} is overdue", clock, cancellationToken);
        await session.FollowPublishingAsync(organization, publishing, clock, cancellationToken);
    }
}
