using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.OpenId;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>
/// Which rows of which tables belong to an organization or to accounts, read off the model: those that hold its id, and
/// those that refer to such rows. A table that is added to the model is among them by itself.
/// </summary>
internal static class OwnedRows
{
    /// <summary>Tables with a condition in SQL, those that refer to others before these. The id is <c>@organization</c>.</summary>
    public static IReadOnlyList<(string Table, string Condition)> OfOrganization(IModel model) =>
        Of(model, "@organization", HoldsOrganization, typeof(Organization));

    /// <summary>The same of one account, <c>@account</c>: what it is, and what it left behind as itself.</summary>
    public static IReadOnlyList<(string Table, string Condition)> OfAccount(IModel model) =>
        Of(model, "@account", HoldsAccount, typeof(PortalUser));

    private static List<(string, string)> Of(IModel model, string id, Func<IProperty, bool> holds, Type root)
    {
        var types = model.GetEntityTypes().Where(type => type.GetTableName() is not null && !type.IsOwned()).ToList();
        var conditions = types.ToDictionary(type => type, type => Condition(type, id, holds, root, []));
        return
        [
            .. InOrder(types.Where(type => conditions[type] is not null).ToList())
                .Select(type => (type.GetTableName()!, conditions[type]!)),
        ];
    }

    private static bool HoldsOrganization(IProperty property) =>
        property.ClrType == typeof(OrganizationId)
        || property.ClrType == typeof(OrganizationId?)
        || property.Name == "OrganizationId"
        || property.DeclaringType.ClrType == typeof(AuditRow) && property.Name == nameof(AuditRow.Chain)
        || property.DeclaringType.ClrType == typeof(AuditChainRow) && property.Name == nameof(AuditChainRow.Chain);

    /// <summary>Who made something for others, or looked at them, left it to these.</summary>
    private static bool HoldsAccount(IProperty property) =>
        property.Name is "AccountId" or "UserId" && property.DeclaringType.ClrType != typeof(AuditRow);

    private static string? Condition(IEntityType type, string id, Func<IProperty, bool> holds, Type root, HashSet<IEntityType> seen)
    {
        if (!seen.Add(type))
            return null;
        var parts = type.GetProperties().Where(holds).Select(property => $"{Quoted(property.GetColumnName())} = {id}").ToList();
        // The one reference without a foreign key: a client may be gone before what people consented to.
        if (type.ClrType == typeof(Consent) && root == typeof(Organization))
            parts.Add($"client_id IN (SELECT id FROM oidc_applications WHERE organization_id = {id})");
        if (type.ClrType == root)
            parts.Add($"{Quoted(type.FindPrimaryKey()!.Properties[0].GetColumnName())} = {id}");
        if (parts.Count == 0)
        {
            parts.AddRange(
                from key in type.GetForeignKeys()
                where key.Properties.Count == 1 && key.PrincipalEntityType != type
                let principal = Condition(key.PrincipalEntityType, id, holds, root, [.. seen])
                where principal is not null
                let ids = $"SELECT {Quoted(key.PrincipalKey.Properties[0].GetColumnName())} FROM "
                    + $"{Quoted(key.PrincipalEntityType.GetTableName()!)} WHERE {principal}"
                select $"{Quoted(key.Properties[0].GetColumnName())} IN ({ids})"
            );
        }
        return parts.Count == 0 ? null : string.Join(" OR ", parts);
    }

    /// <summary>A table comes once all that refer to it have come.</summary>
    private static List<IEntityType> InOrder(List<IEntityType> types)
    {
        var ordered = new List<IEntityType>();
        while (types.Count > 0)
        {
            var free = types
                .Where(type =>
                    !type.GetReferencingForeignKeys().Any(key => key.DeclaringEntityType != type && types.Contains(key.DeclaringEntityType))
                )
                .ToList();
            if (free.Count == 0)
                throw new InvalidOperationException(
                    $"The tables {string.Join(", ", types.Select(type => type.GetTableName()))} refer to each other in a circle."
                );
            ordered.AddRange(free);
            types = [.. types.Except(free)];
        }
        return ordered;
    }

    private static string Quoted(string name) => $"\"{name}\"";
}
