using Microsoft.AspNetCore.Identity;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>An account as ASP.NET Core Identity keeps it. The rules see <see cref="Domain.Access.Account"/>.</summary>
public sealed class PortalUser : IdentityUser<Guid>
{
    /// <summary>Runs the platform.</summary>
    public bool IsOperator { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>The authenticator app's secret, sealed; set while <c>TwoFactorEnabled</c>.</summary>
    public string? TotpSecret { get; set; }

    public long TotpLastStep { get; set; }

    /// <summary>An IANA id.</summary>
    public string? TimeZone { get; set; }
}
