using Microsoft.Extensions.Logging;

namespace LocalStripe;

/// <summary>What a stand-in needs to run.</summary>
public sealed class LocalStripeOptions
{
    /// <summary>Holds everything: objects, keys, events not yet delivered, the port. One process at a time.</summary>
    public required string DataFolder { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILoggerFactory LoggerFactory { get; init; }

    /// <summary>0 takes any free port, null the one remembered in the data folder, else 5082, else the next free.</summary>
    public int? Port { get; init; }

    /// <summary>Whether <c>/_control</c> is there, with which tests and developers steer it without a key.</summary>
    public bool Steered { get; init; } = true;

    /// <summary>Where signed events go. May be given later: until then they wait.</summary>
    public Uri? WebhookUrl { get; init; }
}

/// <summary>The stand-in cannot start; the message says what to do.</summary>
public sealed class LocalStripeRefusedException : Exception
{
    public LocalStripeRefusedException(string message)
        : base(message) { }

    public LocalStripeRefusedException(string message, Exception inner)
        : base(message, inner) { }

    public LocalStripeRefusedException() { }
}
