namespace Portal.Domain.Common;

/// <summary>
/// Tells who listens that something was committed, on this replica or another. It says what changed, never how: whoever
/// hears it reads again, with their own rights. Changes that come while nobody reads are kept as one.
/// </summary>
public interface IChanges
{
    /// <summary>Listens from now on; dispose it to stop.</summary>
    /// <param name="subjects">Of <see cref="Change"/>.</param>
    IChangeListener Listen(IReadOnlyCollection<string> subjects);

    /// <summary>Tells it without a transaction of the portal's own, for what is written in plain SQL or not at all.</summary>
    Task TellAsync(IReadOnlyCollection<string> subjects, CancellationToken cancellationToken);
}

public interface IChangeListener : IDisposable
{
    /// <summary>Returns true at a change, also one since the last call, and false when the time is over first.</summary>
    Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken);
}

/// <summary>What can change, as the words that listeners and commits agree on.</summary>
public static class Change
{
    /// <summary>Any row of work was added or moved on: the operator's page.</summary>
    public const string Work = "work";

    /// <summary>The platform's own: price lists, clusters, accounts.</summary>
    public const string Platform = "platform";

    /// <summary>Clusters were registered, changed or removed: the replicas' connections, metering and lanes.</summary>
    public const string Clusters = "clusters";

    /// <summary>A poll of a cluster was committed.</summary>
    public const string Metering = "metering";

    /// <summary>A lane has work that may be due.</summary>
    public static string Lane(string lane) => $"lane:{lane}";

    /// <summary>A notification for people of many organizations was written.</summary>
    public const string Notices = "notices";

    /// <summary>A notification for people of the organization was written.</summary>
    public static string NoticesOf(OrganizationId organization) => $"notices:org:{organization.Value:N}";

    /// <summary>What an account may see of notifications, or has read, has changed.</summary>
    public static string NoticesOf(AccountId account) => $"notices:account:{account.Value:N}";

    /// <summary>A sign-in of the account was ended: its open pages end with it.</summary>
    public static string SessionsOf(AccountId account) => $"sessions:{account.Value:N}";

    /// <summary>Anything of the organization: its resources, members, keys, invoices.</summary>
    public static string Organization(OrganizationId organization) => $"org:{organization.Value:N}";
}
