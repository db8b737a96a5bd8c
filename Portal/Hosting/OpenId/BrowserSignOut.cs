using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Ui;

namespace Portal.Hosting.OpenId;

/// <summary>Ends the sign-in of this browser: its row and its cookie.</summary>
internal sealed class BrowserSignOut(SignOut signOut, IBrowserSession browser)
{
    public async Task RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        await signOut.RunAsync(actor, cancellationToken);
        await browser.EndAsync();
    }
}
