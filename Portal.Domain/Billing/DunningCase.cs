using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>
/// What is remembered of an organization with an overdue invoice, beside its <see cref="Organization.Arrears"/>: how far
/// its reminders are, and what an operator decided. It ends with the last payment, unless dunning is off for it.
/// </summary>
public sealed class DunningCase
{
    /// <summary>Days that can be given at once.</summary>
    public const int MostDays = 365;

    private DunningCase() { }

    public DunningCase(OrganizationId organization) => (OrganizationId, RemindedDay) = (organization, -1);

    public OrganizationId OrganizationId { get; private set; }

    /// <summary>The last of <see cref="DunningSettings.RemindOnDays"/> that people were written to for; -1 for none.</summary>
    public int RemindedDay { get; private set; }

    /// <summary>Nothing is limited before, and the days count from here; null without an extension.</summary>
    public DateTimeOffset? ExtendedUntil { get; private set; }

    public bool IsOff { get; private set; }

    /// <summary>Of the extension, or of turning it off, in the operator's words.</summary>
    public string? Reason { get; private set; }

    /// <summary>The operator who decided last; null while none has.</summary>
    public string? DecidedBy { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public void Reminded(int day) => RemindedDay = Math.Max(RemindedDay, day);

    /// <summary>Reminders begin anew with the days.</summary>
    public void Extend(DateTimeOffset until, string reason, string by, DateTimeOffset at) =>
        (ExtendedUntil, RemindedDay, IsOff, Reason, DecidedBy, DecidedAt) = (until, -1, false, reason, by, at);

    public void TurnOff(string reason, string by, DateTimeOffset at) => (IsOff, Reason, DecidedBy, DecidedAt) = (true, reason, by, at);

    /// <summary>The days count from now on: what went by while it was off is nobody's fault.</summary>
    public void TurnOn(string by, DateTimeOffset at) =>
        (IsOff, ExtendedUntil, RemindedDay, Reason, DecidedBy, DecidedAt) = (false, at, -1, null, by, at);
}

public interface IDunningStore
{
    Task<DunningCase?> FindAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>
    /// Organizations, neither closed nor the sample company, of which an invoice is overdue, a case is kept, or that are
    /// still limited for one; by id, after <paramref name="after"/>.
    /// </summary>
    Task<IReadOnlyList<OrganizationId>> ConcernedAsync(
        DateTimeOffset now,
        OrganizationId? after,
        int limit,
        CancellationToken cancellationToken
    );

    /// <summary>The same, by URL name.</summary>
    Task<PageOf<Organization>> ListAsync(DateTimeOffset now, PageRequest page, CancellationToken cancellationToken);

    void Add(DunningCase @case);

    void Remove(DunningCase @case);
}
