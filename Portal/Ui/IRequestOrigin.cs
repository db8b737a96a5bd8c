namespace Portal.Ui;

/// <summary>Where the present request comes from.</summary>
public interface IRequestOrigin
{
    /// <summary>From this machine, straight: nothing was forwarded by a proxy, and the host asked for is a loopback name.</summary>
    bool IsThisMachine { get; }

    /// <summary>What the browser calls itself, null when it does not.</summary>
    string? UserAgent { get; }

    /// <summary>This machine, in Development: may read the outbox page without an account.</summary>
    bool IsDeveloper { get; }
}
