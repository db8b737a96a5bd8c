using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>A role inside an organisation, from most to least.</summary>
public enum Role { Owner, Admin, Billing, Developer, Viewer }

/// <summary>What an operation needs. Roles are given permissions in <see cref="Roles"/> and nowhere else.</summary>
public enum Permission
{
    ViewOrganization,
    ManageOrganization,
    CloseOrganization,
    ManageMembers,
    ViewResources,
    ManageResources,
    ManageKeys,
    ReadMessages,
    SendMessages,
    ViewUsage,
    ViewBilling,
    ManageBilling,
    ViewAudit,
    /// <summary>Of the platform, not of an organisation: only the operator has it.</summary>
    OperatePlatform,
    /// <summary>Needs an account and nothing more, for example creating an organisation.</summary>
    HaveAccount,
}

/// <summary>The one table of who may do what.</summary>
public static class Roles
{
    private static readonly Permission[] Everything = [.. Enum.GetValues<Permission>().Except([Permission.OperatePlatform])];

    private static readonly Dictionary<Role, Permission[]> Table = new()
    {
        [Role.Owner] = Everything,
        [Role.Admin] = [.. Everything.Except([Permission.CloseOrganization])],
        [Role.Billing] = [Permission.HaveAccount, Permission.ViewOrganization, Permission.ViewUsage, Permission.ViewBilling, Permission.ManageBilling],
        [Role.Developer] =
        [
            Permission.HaveAccount, Permission.ViewOrganization, Permission.ViewResources, Permission.ManageResources, Permission.ManageKeys,
            Permission.ReadMessages, Permission.SendMessages, Permission.ViewUsage,
        ],
        [Role.Viewer] = [Permission.HaveAccount, Permission.ViewOrganization, Permission.ViewResources, Permission.ViewUsage],
    };

    public static bool Allows(this Role role, Permission permission) => Table[role].Contains(permission);

    /// <summary>The roles that have it, for the sentence of a refusal.</summary>
    public static string ThatAllow(Permission permission) => string.Join(", ", Table.Where(row => row.Value.Contains(permission)).Select(row => row.Key));

    public static Problem.Forbidden Refusal(Permission permission) => permission == Permission.OperatePlatform
        ? new("operator-only", "Only an operator of this platform may do this.")
        : new("role-missing", $"Your role does not allow this. It needs one of: {ThatAllow(permission)}. An owner or admin can change your role.");
}
