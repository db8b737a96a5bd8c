using Portal.Domain.Access;

namespace Portal.Features.Organizations;

/// <summary>What <see cref="RoleFields"/> collects; Developer for the whole organization until something else is chosen.</summary>
public sealed class RoleChoice
{
    public string Role { get; set; } = nameof(Domain.Access.Role.Developer);

    public string? Tenant { get; set; }

    public string? Namespace { get; set; }

    public Role Parsed => Enum.TryParse<Role>(Role, out var role) ? role : Domain.Access.Role.Viewer;

    public bool CanBeScoped => Parsed is Domain.Access.Role.Developer or Domain.Access.Role.Viewer;
}

/// <summary>What roles may, in a line.</summary>
public static class RoleWords
{
    public static string Of(Role role) =>
        role switch
        {
            Role.Owner => "Everything, including closing the organization and transferring ownership.",
            Role.Admin => "Everything except closing the organization and changing owners' roles.",
            Role.Billing => "Usage, plan, invoices and payment methods.",
            Role.Developer => "Topics, keys and messages.",
            Role.Viewer => "Can view everything except messages.",
        };
}
