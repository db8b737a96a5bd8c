using System.Threading.RateLimiting;
using Portal.Domain.Access;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Identity;

/// <summary>Attempts a minute, per account as typed and per address. Held in memory: each replica counts for itself.</summary>
internal sealed class AttemptLimiter : IAttemptLimiter, IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan WhileBusy = TimeSpan.FromSeconds(5);

    private readonly IPasswords _passwords;
    private readonly PartitionedRateLimiter<string> _accounts;
    private readonly PartitionedRateLimiter<string> _addresses;

    public AttemptLimiter(PortalSettings settings, IPasswords passwords)
    {
        _passwords = passwords;
        _accounts = Create(settings.Limits.SignInsPerMinuteAndAccount);
        _addresses = Create(settings.Limits.SignInsPerMinuteAndAddress);
    }

    public TimeSpan? Refuse(Actor actor, string? account) =>
        Refuse(_addresses, actor.Address ?? "unknown") ?? (account is null ? null : Refuse(_accounts, account.ToUpperInvariant()))
        ?? (_passwords.IsBusy ? WhileBusy : null);

    public void Dispose()
    {
        _accounts.Dispose();
        _addresses.Dispose();
    }

    private static TimeSpan? Refuse(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        if (lease.IsAcquired) return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : Window;
    }

    private static PartitionedRateLimiter<string> Create(int perMinute) => PartitionedRateLimiter.Create<string, string>(key =>
        RateLimitPartition.GetFixedWindowLimiter(key, _ => new FixedWindowRateLimiterOptions { PermitLimit = perMinute, Window = Window, QueueLimit = 0 }));
}
