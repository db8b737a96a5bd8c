using System.Threading.RateLimiting;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Identity;

/// <summary>
/// Attempts by account as typed and by address, for each kind apart. What comes from everywhere is limited for browsers
/// only that never signed in to the account, so that no crowd of strangers keeps its owner out. Held in memory: each
/// replica counts for itself. The guesses at a second factor are counted in the database (<see cref="AccountState"/>).
/// </summary>
public sealed class AttemptLimiter : IAttemptLimiter, IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WhileBusy = TimeSpan.FromSeconds(5);

    private readonly IPasswords _passwords;
    private readonly IKnownBrowser _browser;
    private readonly PartitionedRateLimiter<string> _addresses;
    private readonly PartitionedRateLimiter<string> _accountsFromAddress;
    private readonly PartitionedRateLimiter<string> _wrongFromAddress = Create(10, TimeSpan.FromMinutes(15));

    /// <summary>A hundred wrong passwords an hour from everywhere (ASVS 2.2.1).</summary>
    private readonly PartitionedRateLimiter<string> _wrong = Create(100, TimeSpan.FromHours(1));

    private readonly PartitionedRateLimiter<string> _emailsOfHour = Create(5, TimeSpan.FromHours(1));
    private readonly PartitionedRateLimiter<string> _emailsOfDay = Create(20, TimeSpan.FromDays(1));

    public AttemptLimiter(PortalSettings settings, IPasswords passwords, IKnownBrowser browser)
    {
        (_passwords, _browser) = (passwords, browser);
        _accountsFromAddress = Create(settings.Limits.SignInsPerMinuteAndAccount, Minute);
        _addresses = Create(settings.Limits.SignInsPerMinuteAndAddress, Minute);
    }

    public TimeSpan? Refuse(Actor actor, Attempt attempt, string? account)
    {
        var from = ClientNetwork.Of(actor.Address);
        if (Take(_addresses, $"{attempt} {from}") is { } crowded)
            return crowded;
        if (account is not null && RefuseAccount(attempt, Name(account), from) is { } wait)
            return wait;
        // A rating hashes nothing, so it waits for no turn at that.
        return attempt != Attempt.Rating && _passwords.IsBusy(actor) ? WhileBusy : null;
    }

    public void Failed(Actor actor, string account)
    {
        var name = Name(account);
        Take(_wrongFromAddress, $"{name} {ClientNetwork.Of(actor.Address)}");
        // An owner who forgot what the password is does not use up what strangers have.
        if (!_browser.Knows(name))
            Take(_wrong, name);
    }

    public void Dispose()
    {
        foreach (var limiter in new[] { _addresses, _accountsFromAddress, _wrongFromAddress, _wrong, _emailsOfHour, _emailsOfDay })
            limiter.Dispose();
    }

    private TimeSpan? RefuseAccount(Attempt attempt, string account, string from)
    {
        var both = $"{account} {from}";
        return attempt switch
        {
            Attempt.SignIn => Look(_wrongFromAddress, both)
                ?? (_browser.Knows(account) ? null : Look(_wrong, account))
                ?? Take(_accountsFromAddress, $"{attempt} {both}"),
            // Emails that one asked for oneself are in the inbox, whoever asked for more of them.
            Attempt.Email => Take(_accountsFromAddress, $"{attempt} {both}")
                ?? (_browser.Knows(account) ? null : Take(_emailsOfHour, account) ?? Take(_emailsOfDay, account)),
            _ => Take(_accountsFromAddress, $"{attempt} {both}"),
        };
    }

    private static string Name(string account) => account.ToUpperInvariant();

    private static TimeSpan? Look(PartitionedRateLimiter<string> limiter, string key) => Take(limiter, key, 0);

    private static TimeSpan? Take(PartitionedRateLimiter<string> limiter, string key, int permits = 1)
    {
        using var lease = limiter.AttemptAcquire(key, permits);
        if (lease.IsAcquired)
            return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Minute;
    }

    private static PartitionedRateLimiter<string> Create(int permits, TimeSpan window) =>
        PartitionedRateLimiter.Create<string, string>(key =>
            RateLimitPartition.GetFixedWindowLimiter(
                key,
                _ => new FixedWindowRateLimiterOptions
                {
                    PermitLimit = permits,
                    Window = window,
                    QueueLimit = 0,
                }
            )
        );
}
