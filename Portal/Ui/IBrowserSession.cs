using Portal.Domain.Accounts;

namespace Portal.Ui;

/// <summary>The sign-in of this browser: a cookie, so only static pages and endpoints can change it.</summary>
public interface IBrowserSession
{
    Task StartAsync(SignedInAccount signedIn);

    Task EndAsync();

    /// <summary>Keeps, for ten minutes, that the password was right.</summary>
    Task StartSecondStepAsync(PendingSignIn pending);

    /// <summary>Null when there is none, or its time is over.</summary>
    Task<PendingSignIn?> SecondStepAsync();
}
