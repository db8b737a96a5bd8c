using System.Text;

namespace LocalStripe.Storage;

/// <summary>A question to the objects table; conditions on the body go through SQLite's JSON functions.</summary>
internal sealed class Query(string type)
{
    private readonly List<string> conditions = ["type = $type", "deleted = 0"];
    private readonly List<(string, object?)> arguments = [("$type", type)];
    private int? limit;
    private bool oldestFirst;

    /// <summary>Equality on a top-level field; does nothing without a value, so optional filters read in one line.</summary>
    public Query Where(string field, object? value)
    {
        if (value is null)
            return this;
        var column = field is "customer" or "invoice" ? field : $"json_extract(body, '$.{field}')";
        return Compare(column, "=", value);
    }

    public Query WhereIn(string field, IEnumerable<string> values)
    {
        var name = $"$v{arguments.Count}";
        conditions.Add($"json_extract(body, '$.{field}') IN (SELECT value FROM json_each({name}))");
        arguments.Add((name, System.Text.Json.JsonSerializer.Serialize(values)));
        return this;
    }

    public Query WhereNull(string field)
    {
        conditions.Add($"{field} IS NULL");
        return this;
    }

    public Query Compare(string column, string comparison, object value)
    {
        var name = $"$v{arguments.Count}";
        conditions.Add($"{column} {comparison} {name}");
        arguments.Add((name, value));
        return this;
    }

    public Query OldestFirst()
    {
        oldestFirst = true;
        return this;
    }

    public Query Take(int count)
    {
        limit = count;
        return this;
    }

    public string Sql()
    {
        var sql = new StringBuilder("SELECT body FROM objects WHERE ")
            .AppendJoin(" AND ", conditions)
            .Append(oldestFirst ? " ORDER BY seq" : " ORDER BY seq DESC");
        if (limit is { } count)
            sql.Append(" LIMIT ").Append(count);
        return sql.ToString();
    }

    public (string, object?)[] Arguments() => [.. arguments];
}
