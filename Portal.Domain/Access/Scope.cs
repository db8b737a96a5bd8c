using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// Where inside an organization a role holds or an operation happens: all of it, a tenant, or a namespace of a tenant.
/// </summary>
/// <param name="Tenant">Null for the whole organization.</param>
/// <param name="Namespace">Null for the whole tenant; never without a tenant.</param>
public sealed record Scope(string? Tenant = null, string? Namespace = null)
{
    /// <summary>The whole organization: what an operation needs unless it names a place.</summary>
    public static Scope Whole { get; } = new();

    /// <summary>
    /// For operations that answer only what lies inside <see cref="OrganizationAccess.Scope"/>: a role anywhere in the
    /// organization is enough.
    /// </summary>
    public static Scope Anywhere { get; } = new() { IsAnywhere = true };

    private bool IsAnywhere { get; init; }

    public bool IsWhole => Tenant is null && !IsAnywhere;

    /// <summary>Whether a role held here reaches there.</summary>
    public bool Covers(Scope other) =>
        other.IsAnywhere || Tenant is null || Tenant == other.Tenant && (Namespace is null || Namespace == other.Namespace);

    /// <summary>Whether the two have a place in common: a role in a namespace may open the page of its tenant.</summary>
    public bool Touches(Scope other) => Covers(other) || other.Covers(this);

    /// <summary>
    /// From what a form or a script gives; both null or empty for the whole organization. Says nothing of whether the place is there.
    /// </summary>
    public static Outcome<Scope> Create(string? tenant, string? @namespace)
    {
        if (string.IsNullOrEmpty(tenant))
            return string.IsNullOrEmpty(@namespace)
                ? Whole
                : new Problem.Invalid("scope-without-tenant", "Include the namespace's tenant.", "tenant");
        return new Scope(tenant, string.IsNullOrEmpty(@namespace) ? null : @namespace);
    }

    /// <summary><c>shop</c>, <c>shop/production</c>, or for the whole organization an empty text.</summary>
    public override string ToString() =>
        Tenant is null ? ""
        : Namespace is null ? Tenant
        : $"{Tenant}/{Namespace}";
}
