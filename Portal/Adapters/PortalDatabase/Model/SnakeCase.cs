using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>Columns, keys and indexes in snake_case, so that an operator's SQL needs no quotes.</summary>
internal static class SnakeCase
{
    internal static void Apply(ModelBuilder builder)
    {
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            if (entity.IsMappedToJson())
                continue;
            foreach (var property in entity.GetProperties())
                property.SetColumnName(Of(property.Name));
            foreach (var key in entity.GetKeys())
                key.SetName(Of(key.GetName()!));
            foreach (var index in entity.GetIndexes())
                index.SetDatabaseName(Of(index.GetDatabaseName()!));
            foreach (var foreignKey in entity.GetForeignKeys())
                if (!foreignKey.IsOwnership)
                    foreignKey.SetConstraintName(Of(foreignKey.GetConstraintName()!));
        }
    }

    private static string Of(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (
                i > 0
                && char.IsUpper(name[i])
                && (char.IsLower(name[i - 1]) || i + 1 < name.Length && char.IsLower(name[i + 1]) && name[i - 1] != '_')
            )
                text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
