using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Migration;
using Portal.Domain.Topics;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>
/// A column beside what people search in, folded so that capitals and spelling do not matter. Databases cannot be asked to:
/// SQLite's lower() knows a–z only, PostgreSQL's as many letters as the locale that it was installed with.
/// </summary>
internal static class SearchText
{
    private const string Column = "SearchText";

    internal static string Fold(string text) => CanonicalText.Compose(text).ToUpperInvariant();

    internal static void Configure<T>(EntityTypeBuilder<T> entity)
        where T : class => entity.Property<string>(Column).HasDefaultValue("");

    /// <summary>Those in whose searchable text this stands; all without a search.</summary>
    internal static IQueryable<T> Matching<T>(this IQueryable<T> rows, string? search)
        where T : class
    {
        if (search is null)
            return rows;
        var needle = Fold(search);
        return rows.Where(row => EF.Property<string>(row, Column).Contains(needle));
    }

    /// <summary>Before changes are saved.</summary>
    internal static void Fill(ChangeTracker changes)
    {
        foreach (var entry in changes.Entries())
        {
            if (entry.State is EntityState.Added or EntityState.Modified && Of(entry.Entity) is { } text)
                entry.Property(Column).CurrentValue = Fold(text);
        }
    }

    private static string? Of(object entity) =>
        entity switch
        {
            Topic topic => topic.Name,
            Connector connector => connector.Name,
            FunctionPackage package => package.Name,
            PulsarKey key => key.Name,
            KafkaMigration migration => migration.Name,
            Organization organization => $"{organization.Slug}\n{organization.Name}",
            MailRow mail => $"{mail.Recipient}\n{mail.Subject}",
            _ => null,
        };
}
