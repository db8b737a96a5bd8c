using Microsoft.AspNetCore.Identity;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Common;
using Portal.Ui;

namespace Portal.Hosting.Identity;

/// <summary>Identity's cookie, for the browser's session or 14 days of use.</summary>
internal sealed class BrowserSession(SignInManager<PortalUser> signIns, UserManager<PortalUser> users) : IBrowserSession
{
    public async Task StartAsync(AccountId account)
    {
        var user = await users.FindByIdAsync(account.ToString()) ?? throw new InvalidOperationException($"The account {account} was there a moment ago.");
        await signIns.SignInAsync(user, isPersistent: true);
    }

    public Task EndAsync() => signIns.SignOutAsync();
}
