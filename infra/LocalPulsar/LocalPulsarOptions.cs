using Microsoft.Extensions.Logging.Abstractions;

namespace LocalPulsar;

/// <summary>How a <see cref="LocalPulsarServer"/> runs. Everything it holds is below <see cref="DataFolder"/>.</summary>
public sealed record LocalPulsarOptions
{
    /// <summary>Where keys, settings, messages and the lock file are kept; made if it is missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>
    /// Loopback port. Null: the one this folder used last, else 5081, else the next free one.
    /// 0: any free one, not remembered. Any other value: exactly that one.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>How often rates and <c>/admin/v2/broker-stats/topics</c> are refreshed (Pulsar's statsUpdateFrequencyInSecs).</summary>
    public TimeSpan StatsInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often backlog quotas are checked; until then a quota is overrun freely, as in Pulsar.</summary>
    public TimeSpan BacklogQuotaCheckInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often closed ledgers past their retention are removed.</summary>
    public TimeSpan RetentionCheckInterval { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How often messages past their time to live are acknowledged for their subscriptions.</summary>
    public TimeSpan MessageExpiryCheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Where <c>http-post</c> may connect to. It runs inside this process, so where other people's connectors run, the
    /// machine and its network are kept out of their reach.
    /// </summary>
    public Func<System.Net.IPAddress, bool> MayConnectTo { get; init; } = _ => true;

    /// <summary>The clock of publish times, expiry, retention and rates.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Where the server logs.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
