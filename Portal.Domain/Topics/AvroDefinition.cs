using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>Reads an Avro definition, or says in words where it is none.</summary>
public sealed class AvroDefinition
{
    /// <summary>Deeper ones no client library takes, and reading them would fill the stack.</summary>
    private const int Deepest = 64;

    /// <summary>
    /// Fields with those of named types in every place that names them. Brokers walk all of them when they compare two
    /// schemas: forty records, each with two fields of the one before, are 2 to the power of 40, in 4 KB.
    /// </summary>
    public const long MostSpread = 20_000;

    private readonly Dictionary<string, AvroType.Named> _named = [];

    private AvroDefinition() { }

    /// <summary>Invalid <c>schema-malformed</c> with the place and what is wrong there.</summary>
    public static Outcome<AvroType> Parse(string definition)
    {
        try
        {
            using var document = ForeignJson.Parse(definition);
            return new AvroDefinition().Read(document.RootElement, "", "", 0);
        }
        catch (JsonException broken)
        {
            var where = broken.LineNumber is { } line ? $" Look at line {line + 1}." : "";
            return new Problem.Invalid("schema-malformed", $"The definition isn't valid JSON.{where}", "definition");
        }
        catch (OddDefinitionException odd)
        {
            return new Problem.Invalid("schema-malformed", odd.Message, "definition");
        }
    }

    /// <summary>Whether it has more than <see cref="MostSpread"/> fields.</summary>
    public static bool IsTooWide(AvroType type) => Spread(type, [], []) > MostSpread;

    /// <summary>No more than one above <see cref="MostSpread"/>: a sum of sums would overflow. A type inside itself counts once.</summary>
    private static long Spread(AvroType type, Dictionary<AvroType, long> known, HashSet<AvroType> open)
    {
        if (known.TryGetValue(type, out var spread))
            return spread;
        if (type is AvroType.Named && !open.Add(type))
            return 1;
        spread = type switch
        {
            AvroType.Record record => record.Fields.Aggregate(
                1L,
                (sum, field) => Math.Min(sum + 1 + Spread(field.Type, known, open), MostSpread + 1)
            ),
            AvroType.Union union => union.Branches.Aggregate(
                1L,
                (sum, branch) => Math.Min(sum + Spread(branch, known, open), MostSpread + 1)
            ),
            AvroType.List list => 1 + Spread(list.Items, known, open),
            AvroType.Map map => 1 + Spread(map.Values, known, open),
            _ => 1,
        };
        if (type is not AvroType.Named)
            return spread;
        open.Remove(type);
        return known[type] = spread;
    }

    private AvroType Read(JsonElement type, string around, string path, int depth)
    {
        if (depth > Deepest)
            throw new OddDefinitionException($"{At(path)} is nested more than {Deepest} levels deep.");
        return type.ValueKind switch
        {
            JsonValueKind.String => Known(type.GetString()!, null, around, path),
            JsonValueKind.Array => Union(type, around, path, depth),
            JsonValueKind.Object => Complex(type, around, path, depth),
            _ => throw new OddDefinitionException($"{At(path)} has no type. A type is a name, an object or a list of types."),
        };
    }

    private AvroType.Union Union(JsonElement type, string around, string path, int depth)
    {
        List<AvroType> branches = [.. type.EnumerateArray().Select(branch => Read(branch, around, path, depth + 1))];
        if (branches.Any(branch => branch is AvroType.Union))
            throw new OddDefinitionException($"{At(path)} is a union that directly contains another union.");
        if (branches.GroupBy(branch => branch.Tag).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new OddDefinitionException($"{At(path)} is a union that contains {twice.Key} twice.");
        return new(branches);
    }

    private AvroType Complex(JsonElement type, string around, string path, int depth)
    {
        if (!type.TryGetProperty("type", out var kind))
            throw new OddDefinitionException($"{At(path)} has no \"type\".");
        if (kind.ValueKind != JsonValueKind.String)
            return Read(kind, around, path, depth + 1);
        switch (kind.GetString())
        {
            case "record" or "error":
                var record = Name(type, around, path, (name, full) => new AvroType.Record(name, full));
                if (!type.TryGetProperty("fields", out var fields) || fields.ValueKind != JsonValueKind.Array)
                    throw new OddDefinitionException($"{At(path)} is a record without a list of \"fields\".");
                record.Fields = [.. fields.EnumerateArray().Select(field => Field(field, Space(record), path, depth))];
                if (record.Fields.GroupBy(field => field.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                    throw new OddDefinitionException($"{At(path)} has two fields named \"{twice.Key}\".");
                return record;
            case "enum":
                if (
                    !type.TryGetProperty("symbols", out var symbols)
                    || symbols.ValueKind != JsonValueKind.Array
                    || symbols.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String)
                )
                    throw new OddDefinitionException($"{At(path)} is an enum without a list of \"symbols\".");
                string[] words = [.. symbols.EnumerateArray().Select(one => one.GetString()!)];
                return Name(
                    type,
                    around,
                    path,
                    (name, full) => new AvroType.Enumeration(name, full, words, type.TryGetProperty("default", out _))
                );
            case "fixed":
                if (
                    !type.TryGetProperty("size", out var size)
                    || size.ValueKind != JsonValueKind.Number
                    || !size.TryGetInt32(out var bytes)
                    || bytes < 0
                )
                    throw new OddDefinitionException($"{At(path)} is a fixed type without a \"size\" in bytes.");
                return Name(type, around, path, (name, full) => new AvroType.Fixed(name, full, bytes));
            case "array":
                return type.TryGetProperty("items", out var items)
                    ? new AvroType.List(Read(items, around, $"{path}[]", depth + 1))
                    : throw new OddDefinitionException($"{At(path)} is an array without \"items\".");
            case "map":
                return type.TryGetProperty("values", out var values)
                    ? new AvroType.Map(Read(values, around, $"{path}{{}}", depth + 1))
                    : throw new OddDefinitionException($"{At(path)} is a map without \"values\".");
            case var name:
                return Known(
                    name!,
                    type.TryGetProperty("logicalType", out var logical) && logical.ValueKind == JsonValueKind.String
                        ? logical.GetString()
                        : null,
                    around,
                    path
                );
        }
    }

    private AvroField Field(JsonElement field, string around, string path, int depth)
    {
        if (
            field.ValueKind != JsonValueKind.Object
            || !field.TryGetProperty("name", out var named)
            || named.ValueKind != JsonValueKind.String
            || !IsName(named.GetString()!)
        )
            throw new OddDefinitionException(
                $"{At(path)} has a field without a valid \"name\". Names have letters, digits and underscores, and don't start "
                    + "with a digit."
            );
        var name = named.GetString()!;
        var inside = path.Length == 0 ? name : $"{path}.{name}";
        if (!field.TryGetProperty("type", out var type))
            throw new OddDefinitionException($"{At(inside)} has no \"type\".");
        string[] aliases =
            field.TryGetProperty("aliases", out var others) && others.ValueKind == JsonValueKind.Array
                ? [.. others.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!)]
                : [];
        return new(name, Read(type, around, inside, depth + 1), field.TryGetProperty("default", out _), aliases);
    }

    /// <summary>Under its name at once, since what is inside may speak of it.</summary>
    private T Name<T>(JsonElement type, string around, string path, Func<string, string, T> make)
        where T : AvroType.Named
    {
        if (
            !type.TryGetProperty("name", out var named)
            || named.ValueKind != JsonValueKind.String
            || !named.GetString()!.Split('.').All(IsName)
        )
            throw new OddDefinitionException(
                $"{At(path)} needs a valid \"name\". Names have letters, digits and underscores, and don't start with a digit."
            );
        var written = named.GetString()!;
        var space =
            type.TryGetProperty("namespace", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : around;
        var full = written.Contains('.', StringComparison.Ordinal) || space.Length == 0 ? written : $"{space}.{written}";
        var made = make(full[(full.LastIndexOf('.') + 1)..], full);
        return _named.TryAdd(full, made)
            ? made
            : throw new OddDefinitionException($"{At(path)} defines {full} a second time. Use its name instead.");
    }

    private AvroType Known(string word, string? logical, string around, string path)
    {
        if (AvroType.Primitive.Kinds.Contains(word))
            return new AvroType.Primitive(word, logical);
        if (around.Length > 0 && !word.Contains('.', StringComparison.Ordinal) && _named.TryGetValue($"{around}.{word}", out var near))
            return near;
        return _named.TryGetValue(word, out var far)
            ? far
            : throw new OddDefinitionException($"{At(path)} has the unknown type \"{Brief(word)}\".");
    }

    private static string Space(AvroType.Named type) =>
        type.FullName.Contains('.', StringComparison.Ordinal) ? type.FullName[..type.FullName.LastIndexOf('.')] : "";

    private static string At(string path) => path.Length == 0 ? "The definition" : $"Field \"{Brief(path)}\"";

    private static string Brief(string text) => text.Length <= 100 ? text : text[..100] + "…";

    private static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(one => char.IsAsciiLetterOrDigit(one) || one == '_');

    private sealed class OddDefinitionException(string message) : Exception(message);
}
