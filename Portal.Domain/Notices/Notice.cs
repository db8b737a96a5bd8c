using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Notices;

/// <summary>
/// What a notification is about; written <c>failed</c>, <c>finished</c>, <c>invoice</c>, <c>budget</c>, <c>keyEnding</c>, <c>incident</c>.
/// </summary>
public enum NoticeKind
{
    /// <summary>Something could not be created, changed or deleted.</summary>
    Failed,

    /// <summary>A long job is through.</summary>
    Finished,

    /// <summary>An invoice was issued, or could not be collected.</summary>
    Invoice,

    /// <summary>A share of the budget is used, or its hard cap acts.</summary>
    Budget,

    /// <summary>A key ends by itself soon.</summary>
    KeyEnding,

    /// <summary>The operator says that something is wrong with a cluster.</summary>
    Incident,
}

/// <summary>
/// Whom a notification concerns: who may do something in an organization, one account, or everybody with a tenant on a cluster.
/// </summary>
/// <param name="Needs">In <paramref name="Organization"/>.</param>
/// <param name="Within">Where it happened: a role that does not reach there does not see it.</param>
public sealed record NoticeAudience(
    OrganizationId? Organization,
    Permission Needs,
    Scope Within,
    AccountId? Account = null,
    string? Cluster = null
)
{
    public static NoticeAudience Of(OrganizationId organization, Permission needs, Scope? within = null) =>
        new(organization, needs, within ?? Scope.Whole);

    public static NoticeAudience Of(AccountId account) => new(null, Permission.HaveAccount, Scope.Whole, account);

    /// <param name="cluster">Null for every cluster.</param>
    public static NoticeAudience OfCluster(string? cluster) => new(null, Permission.HaveAccount, Scope.Whole, null, cluster ?? AllClusters);

    /// <summary>No cluster is called so.</summary>
    public const string AllClusters = "*";
}

/// <summary>
/// Something that people should hear of. One row for all whom it concerns: who that is follows from their memberships
/// when they look, so that whoever loses access loses its notifications with it.
/// </summary>
public sealed class Notice
{
    public const int LongestTitle = 200;
    public const int LongestDetail = 500;

    private Notice() { }

    /// <param name="path">The page to look at, relative to the portal: <c>o/northwind/billing</c>.</param>
    public Notice(NoticeId id, NoticeKind kind, NoticeAudience audience, string title, string? detail, string path, DateTimeOffset at)
    {
        (Id, Kind, OrganizationId, AccountId, Cluster) = (id, kind, audience.Organization, audience.Account, audience.Cluster);
        (Needs, Tenant, Namespace) = (audience.Needs, audience.Within.Tenant, audience.Within.Namespace);
        (Title, Detail, Path, At) = (Cut(title, LongestTitle), Cut(detail ?? "", LongestDetail), path, at);
    }

    public NoticeId Id { get; private set; }
    public NoticeKind Kind { get; private set; }
    public OrganizationId? OrganizationId { get; private set; }

    /// <summary>The only one whom it concerns; null where a membership decides.</summary>
    public AccountId? AccountId { get; private set; }

    public string? Cluster { get; private set; }
    public Permission Needs { get; private set; }
    public string? Tenant { get; private set; }
    public string? Namespace { get; private set; }

    public string Title { get; private set; } = "";
    public string Detail { get; private set; } = "";
    public string Path { get; private set; } = "";
    public DateTimeOffset At { get; private set; }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";
}

/// <summary>One notification that one account has read, or one that it has not read although it is older than its mark.</summary>
public sealed class NoticeRead
{
    private NoticeRead() { }

    public NoticeRead(AccountId account, NoticeId notice) => (AccountId, NoticeId) = (account, notice);

    public AccountId AccountId { get; private set; }
    public NoticeId NoticeId { get; private set; }
}

/// <summary>What one account wants of notifications, and up to where it has read all of them.</summary>
public sealed class NoticeSettings
{
    private NoticeSettings() { }

    public NoticeSettings(AccountId account) => AccountId = account;

    public AccountId AccountId { get; private set; }

    /// <summary>Whatever is as old or older is read; null before the first time that somebody marks all.</summary>
    public DateTimeOffset? ReadTo { get; private set; }

    public bool InvoiceByEmail { get; private set; } = true;
    public bool BudgetByEmail { get; private set; } = true;
    public bool KeyEndingByEmail { get; private set; } = true;

    public void ReadAll(DateTimeOffset at) => ReadTo = at;

    /// <summary>Kinds of which there are emails. What limits an organization is always written to it.</summary>
    public static IReadOnlyList<NoticeKind> WithEmail { get; } = [NoticeKind.Invoice, NoticeKind.Budget, NoticeKind.KeyEnding];

    public bool ByEmail(NoticeKind kind) =>
        kind switch
        {
            NoticeKind.Invoice => InvoiceByEmail,
            NoticeKind.Budget => BudgetByEmail,
            NoticeKind.KeyEnding => KeyEndingByEmail,
            _ => false,
        };

    /// <param name="kinds">Of which emails are wanted.</param>
    public void Email(IReadOnlyCollection<NoticeKind> kinds) =>
        (InvoiceByEmail, BudgetByEmail, KeyEndingByEmail) = (
            kinds.Contains(NoticeKind.Invoice),
            kinds.Contains(NoticeKind.Budget),
            kinds.Contains(NoticeKind.KeyEnding)
        );
}

/// <summary>A notification as one account sees it.</summary>
/// <param name="Organization">Null where it is of no single one.</param>
public sealed record SeenNotice(Notice Notice, Organization? Organization, bool IsRead);

/// <summary>What an account may see, cut to the organizations that its sign-in reaches.</summary>
/// <param name="Organizations">By permission: those in which the account's role and what narrows the actor allow it.</param>
public sealed record NoticeReach(AccountId Account, IReadOnlyDictionary<Permission, IReadOnlyList<OrganizationId>> Organizations);

public interface INoticeStore
{
    void Add(Notice notice);

    /// <summary>Newest first.</summary>
    /// <param name="kind">Null for all.</param>
    Task<PageOf<SeenNotice>> ListAsync(
        NoticeReach reach,
        NoticeKind? kind,
        bool unread,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Counts no further than <paramref name="most"/>.</summary>
    Task<int> CountUnreadAsync(NoticeReach reach, int most, CancellationToken cancellationToken);

    /// <summary>Null for one that is not within reach.</summary>
    Task<Notice?> FindAsync(NoticeReach reach, NoticeId id, CancellationToken cancellationToken);

    Task<NoticeRead?> FindReadAsync(AccountId account, NoticeId id, CancellationToken cancellationToken);

    Task<NoticeSettings?> SettingsAsync(AccountId account, CancellationToken cancellationToken);

    Task<IReadOnlyDictionary<AccountId, NoticeSettings>> SettingsAsync(
        IReadOnlyCollection<AccountId> accounts,
        CancellationToken cancellationToken
    );

    /// <summary>Of all members of the organization.</summary>
    Task<IReadOnlyList<NoticeMute>> MutesAsync(OrganizationId organization, CancellationToken cancellationToken);

    void Add(NoticeMute mute);

    void Remove(NoticeMute mute);

    /// <summary>Forgets which ones were read one by one: a mark stands for them.</summary>
    Task ForgetReadsAsync(AccountId account, CancellationToken cancellationToken);

    void Add(NoticeRead read);

    void Add(NoticeSettings settings);

    /// <summary>Removes what is older, and of one organization what is more than <paramref name="most"/>; answers how many.</summary>
    Task<int> CutAsync(DateTimeOffset before, int most, CancellationToken cancellationToken);
}
