using Npgsql;

namespace Portal.Adapters.PortalDatabase;

public enum DatabaseProvider
{
    Sqlite,
    PostgreSql,
}

/// <summary>
/// Where the portal's data is. Made from <c>Portal:Database:{Provider,ConnectionString}</c> and <c>Portal:DataFolder</c>.
/// </summary>
/// <param name="ConnectionString">For PostgreSQL; null for SQLite, whose file is <c>portal.db</c> in the data folder.</param>
public sealed record DatabaseOptions(DatabaseProvider Provider, string DataFolder, string? ConnectionString)
{
    /// <summary>The SQLite file.</summary>
    public string File => Path.Combine(DataFolder, "portal.db");

    /// <summary>Reads the settings; a relative data folder is taken from <paramref name="contentRoot"/>.</summary>
    /// <exception cref="InvalidOperationException">A setting is wrong; the message is the sentence to show.</exception>
    public static DatabaseOptions From(IConfiguration configuration, string contentRoot)
    {
        var folder = Path.GetFullPath(configuration["Portal:DataFolder"] is { Length: > 0 } set ? set : "data", contentRoot);
        var provider = configuration["Portal:Database:Provider"];
        var connectionString = configuration["Portal:Database:ConnectionString"];
        if (string.IsNullOrEmpty(provider) || provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase))
        {
            return string.IsNullOrEmpty(connectionString)
                ? new(DatabaseProvider.Sqlite, folder, null)
                : throw new InvalidOperationException(
                    "Portal:Database:ConnectionString is for PostgreSql: with Sqlite the file is portal.db in Portal:DataFolder. "
                        + "Set Portal:Database:Provider to PostgreSql or remove the connection string."
                );
        }
        if (!provider.Equals("PostgreSql", StringComparison.OrdinalIgnoreCase))
            throw new InvalidOperationException($"Portal:Database:Provider is '{provider}'; it must be Sqlite or PostgreSql.");
        if (string.IsNullOrEmpty(connectionString))
            throw new InvalidOperationException(
                "Portal:Database:ConnectionString is missing; PostgreSql needs it, for example "
                    + "Host=db;Database=portal;Username=portal;Password=…."
            );
        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException exception)
        {
            // The message of the parser names the keyword and never the values, among them the password.
            throw new InvalidOperationException("Portal:Database:ConnectionString cannot be read: " + exception.Message, exception);
        }
        return new(DatabaseProvider.PostgreSql, folder, connectionString);
    }
}
