using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>A role inside an organization, from most to least.</summary>
public enum Role
{
    Owner,
    Admin,
    Billing,
    Developer,
    Viewer,
}

/// <summary>What an operation needs. Roles are given permissions in <see cref="Roles"/> and nowhere else.</summary>
public enum Permission
{
    ViewOrganization,

    /// <summary>To take oneself out of it: open to every role.</summary>
    LeaveOrganization,
    ManageOrganization,
    CloseOrganization,
    ManageMembers,

    /// <summary>The organization's own provider, and whether there is another way in.</summary>
    ManageSignIn,
    ViewResources,
    ManageResources,
    ManageKeys,
    ReadMessages,
    SendMessages,
    ViewUsage,
    ViewBilling,
    ManageBilling,
    ViewAudit,

    /// <summary>Of the platform, not of an organization: only the operator has it.</summary>
    OperatePlatform,

    /// <summary>Needs an account and nothing more, for example listing one's organizations.</summary>
    HaveAccount,
    CreateOrganizations,

    /// <summary>One's own account: its password, its ways to sign in, its keys.</summary>
    ManageAccount,

    /// <summary>
    /// The sign-in that asks: to end it, or to let a client use it. Open to one that only an organization's provider vouches for, too.
    /// </summary>
    ManageSession,
}

/// <summary>The one table of who may do what.</summary>
public static class Roles
{
    private static readonly Permission[] Everything =
    [
        .. Enum.GetValues<Permission>()
            .Except([Permission.OperatePlatform, Permission.HaveAccount, Permission.ManageAccount, Permission.ManageSession]),
    ];

    private static readonly Permission[] OfPlatform = [.. Enum.GetValues<Permission>().Except(Everything), Permission.CreateOrganizations];

    private static readonly Dictionary<Role, Permission[]> Table = new()
    {
        [Role.Owner] = Everything,
        [Role.Admin] = [.. Everything.Except([Permission.CloseOrganization, Permission.ManageSignIn])],
        [Role.Billing] =
        [
            Permission.ViewOrganization,
            Permission.LeaveOrganization,
            Permission.ViewUsage,
            Permission.ViewBilling,
            Permission.ManageBilling,
        ],
        [Role.Developer] =
        [
            Permission.ViewOrganization,
            Permission.LeaveOrganization,
            Permission.ViewResources,
            Permission.ManageResources,
            Permission.ManageKeys,
            Permission.ReadMessages,
            Permission.SendMessages,
            Permission.ViewUsage,
        ],
        [Role.Viewer] = [Permission.ViewOrganization, Permission.LeaveOrganization, Permission.ViewResources, Permission.ViewUsage],
    };

    /// <summary>An operator who views as a customer reads what a person of the customer's reads, but never a message.</summary>
    private static readonly Permission[] ViewAs =
    [
        Permission.ViewOrganization,
        Permission.ViewResources,
        Permission.ViewUsage,
        Permission.ViewBilling,
        Permission.ViewAudit,
    ];

    internal static readonly Problem.Forbidden ViewAsReads = new(
        "view-as-reads",
        "Viewing as a customer is read-only and never shows messages. Ask the customer's owner to do this, or to invite you."
    );

    /// <summary>Held by a role in an organization, where others are held by an account or by operators.</summary>
    public static bool IsOfOrganization(Permission permission) => !OfPlatform.Contains(permission);

    public static bool AllowsViewAs(Permission permission) => ViewAs.Contains(permission);

    public static bool Allows(this Role role, Permission permission) => Table[role].Contains(permission);

    /// <summary>The one sentence about who may: <c>Only owners, admins, and developers can do this.</c></summary>
    /// <param name="what">What it is that others can't do, as in "can …".</param>
    public static string Only(Permission permission, string what = "do this") => $"Only {ThatAllow(permission)} can {what}.";

    private static string ThatAllow(Permission permission) =>
        Table.Where(row => row.Value.Contains(permission)).Select(row => People(row.Key)).ToArray() switch
        {
            [var one] => one,
            [var one, var other] => $"{one} and {other}",
            [.. var most, var last] => $"{string.Join(", ", most)}, and {last}",
            [] => "operators",
        };

    private static string People(Role role) => role == Role.Billing ? "billing members" : $"{role.ToString().ToLowerInvariant()}s";

    public static Problem.Forbidden Refusal(Permission permission) =>
        permission == Permission.OperatePlatform
            ? new("operator-only", "Only operators of this platform can do this.")
            : new("role-missing", $"{Only(permission)} Ask an owner or admin to change your role.");

    internal static Problem.Forbidden ScopeRefusal(Scope scope) =>
        new("role-elsewhere", $"Your role applies to {scope} only. Ask an owner or admin for access here.");

    internal static Problem.Forbidden BoundRefusal(Permission permission) =>
        new(
            "scope-missing",
            $"The client doesn't have a scope that allows this. {Only(permission)} Sign in again and grant a scope that covers it."
        );
}
