using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>What holds whenever somebody gives a role: to a member, with an invitation, to an API key.</summary>
public static class RoleGiving
{
    internal static Outcome<Role> Parse(string? text) =>
        Enum.GetValues<Role>().Where(role => string.Equals(role.ToString(), text, StringComparison.OrdinalIgnoreCase)).ToList()
            is [var found]
            ? found
            : new Problem.Invalid("role-unknown", "The roles are owner, admin, billing, developer and viewer.", "role");

    /// <summary>Where a role is to hold. Only those that are about tenants can hold in one.</summary>
    internal static Outcome<Scope> PlaceOf(Role role, string? tenant, string? @namespace)
    {
        if (!Scope.Create(tenant, @namespace).TryGet(out var scope, out var problem))
            return problem;
        return scope.IsWhole || role is Role.Developer or Role.Viewer
            ? scope
            : new Problem.Invalid(
                "role-not-scoped",
                $"The {role} role always covers the whole organization. Only Developer and Viewer can be limited to a tenant or namespace.",
                "tenant"
            );
    }

    /// <summary>Nobody gives more than they have: every permission of the role, in that place.</summary>
    public static bool MayGive(this OrganizationAccess access, Role role, Scope scope) =>
        Enum.GetValues<Permission>().Where(permission => role.Allows(permission)).All(permission => access.Allows(permission, scope));

    internal static Problem.Forbidden AboveOwn(Role role) =>
        new("role-above-own", $"The {role} role has more permissions than yours, so you can't assign or remove it. Ask an owner.");
}
