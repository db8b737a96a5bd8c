using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>One field of messages that not everybody sees.</summary>
/// <param name="Topic">By name; null for every topic of the namespace.</param>
public sealed record MaskRule(string Field, string? Topic = null);

/// <summary>
/// What the portal shows of a namespace's messages to whom: the fields that are masked, and for which roles. It is about what
/// the portal shows, not about what keys and connectors are given.
/// </summary>
/// <param name="Roles">That see the fields masked. Owners see everything, and roles that read no messages are not asked.</param>
public sealed record NamespaceMasking(IReadOnlyList<MaskRule> Rules, IReadOnlyList<Role> Roles)
{
    public const int MostRules = 100;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public static NamespaceMasking None { get; } = new([], []);

    /// <summary>Roles that can be named.</summary>
    public static IReadOnlyList<Role> Maskable { get; } = [Role.Admin, Role.Developer];

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public static NamespaceMasking Read(string? json) => json is null ? None : JsonSerializer.Deserialize<NamespaceMasking>(json, Json)!;

    /// <summary>Whether somebody sees it masked. A credential that is bound to a lesser role sees what that role does.</summary>
    public bool Concerns(OrganizationAccess access) =>
        Rules.Count > 0
        && (access.Role is not { } role || Roles.Contains(role) || access.Bounds is { } bounds && bounds.All(Roles.Contains));
}

/// <summary>Fields of a namespace's messages that the portal masks, and for whom.</summary>
public sealed class GetMasking(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<NamespaceMasking>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ViewResources,
            "namespace.view-masking",
            $"{tenant}/{@namespace}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        return await database.ReadAsync<Outcome<NamespaceMasking>>(
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                return await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is { } found
                    ? found.Masking
                    : TenantProblems.NoNamespace;
            },
            cancellationToken
        );
    }
}

/// <summary>
/// Says which fields of a namespace's messages are masked, and for whom. Takes effect with the next message that is shown.
/// </summary>
public sealed class SetMasking(AccessGuard guard, IPortalDatabase database)
{
    /// <param name="masking">All of it: what was there before is replaced.</param>
    public async Task<Outcome<NamespaceMasking>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        NamespaceMasking masking,
        CancellationToken cancellationToken
    )
    {
        var fields = string.Join(", ", masking.Rules.Select(rule => rule.Topic is null ? rule.Field : $"{rule.Topic}: {rule.Field}"));
        var operation = new Operation(
            Permission.ManageMembers,
            "namespace.set-masking",
            $"{tenant}/{@namespace}",
            new Dictionary<string, string>
            {
                ["fields"] = Operation.Brief(fields.Length == 0 ? "none" : fields),
                ["roles"] = string.Join(", ", masking.Roles).ToLowerInvariant(),
            },
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (Refuse(masking) is { } wrong)
            return wrong;
        return await database.WriteAsync<NamespaceMasking>(
            actor,
            access.Organization.Id,
            operation,
            async session =>
            {
                if (await session.Tenants.FindAsync(access.Organization.Id, tenant, cancellationToken) is not { } owner)
                    return TenantProblems.NoTenant;
                if (await session.Tenants.FindNamespaceAsync(owner.Id, @namespace, cancellationToken) is not { } found)
                    return TenantProblems.NoNamespace;
                found.Mask(masking with { Rules = [.. masking.Rules.Distinct()], Roles = [.. masking.Roles.Distinct().Order()] });
                return found.Masking;
            },
            cancellationToken
        );
    }

    private static Problem.Invalid? Refuse(NamespaceMasking masking)
    {
        if (masking.Rules.Count > NamespaceMasking.MostRules)
            return new("masks-too-many", $"Mask at most {NamespaceMasking.MostRules} fields in a namespace.", "fields");
        if (
            masking.Roles.FirstOrDefault(role => !NamespaceMasking.Maskable.Contains(role)) is var odd
            && masking.Roles.Any(role => !NamespaceMasking.Maskable.Contains(role))
        )
            return new(
                "mask-role",
                "Fields can be masked for admins and developers. "
                    + $"{(odd == Role.Owner ? "Owners always see everything." : "Other roles don't see messages at all.")}",
                "roles"
            );
        if (masking is { Rules.Count: > 0, Roles.Count: 0 })
            return new("mask-role", "Choose at least one role that sees the fields masked.", "roles");
        foreach (var rule in masking.Rules)
        {
            if (rule.Topic is { Length: 0 or > 255 })
                return new("mask-topic", "Enter a topic's name before the colon, or leave the topic out.", "fields");
            if (!MaskField.Parse(rule.Field).TryGet(out _, out var malformed))
                return (Problem.Invalid)malformed;
        }
        return null;
    }
}
