using System.Runtime.CompilerServices;

namespace Portal.Domain.Topics;

/// <summary>One difference between two definitions.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Place">The field: <c>customer.name</c>, <c>lines[].price</c>; empty for the definition itself.</param>
/// <param name="Words">A sentence about it.</param>
/// <param name="BreaksNewReaders">Who reads with the new definition does not understand what was written with the old one.</param>
/// <param name="BreaksOldReaders">The other way around.</param>
public sealed record SchemaChange(
    SchemaChangeKind Kind,
    string Place,
    string Words,
    bool BreaksNewReaders = false,
    bool BreaksOldReaders = false
);

public enum SchemaChangeKind
{
    Added,
    Removed,
    Changed,
}

/// <summary>What two Avro definitions differ in, field by field, and whether one is read with the other.</summary>
public sealed class SchemaDifference
{
    // A page of them; who changes more than this reads the lines.
    private const int Most = 200;

    private readonly List<SchemaChange> _changes = [];
    private readonly HashSet<(AvroType, AvroType)> _met = [];

    private SchemaDifference() { }

    public static IReadOnlyList<SchemaChange> Between(AvroType old, AvroType @new)
    {
        var difference = new SchemaDifference();
        difference.Compare(old, @new, "");
        return [.. difference._changes.Take(Most)];
    }

    /// <summary>
    /// Avro's schema resolution as brokers apply it: whether a reader with one definition understands what was written with the
    /// other. Names of records make no difference, those of enums and fixed types do; symbols are looked at only when a value is read.
    /// </summary>
    public static bool CanRead(AvroType reader, AvroType writer) => CanRead(reader, writer, []);

    private void Compare(AvroType old, AvroType @new, string place)
    {
        if (!_met.Add((old, @new)) || _changes.Count > Most || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return;
        switch (old, @new)
        {
            case (AvroType.Record before, AvroType.Record after):
                if (before.Name != after.Name)
                    _changes.Add(
                        new(
                            SchemaChangeKind.Changed,
                            place,
                            $"{Subject(place, "The record")} is named {after.Name} instead of {before.Name}."
                        )
                    );
                Fields(before, after, place);
                break;
            case (AvroType.List before, AvroType.List after):
                Compare(before.Items, after.Items, $"{place}[]");
                break;
            case (AvroType.Map before, AvroType.Map after):
                Compare(before.Values, after.Values, $"{place}{{}}");
                break;
            case (AvroType.Enumeration before, AvroType.Enumeration after) when before.Name == after.Name:
                Symbols(before, after, place);
                break;
            default:
                if (old.Words != @new.Words || !CanRead(@new, old) || !CanRead(old, @new))
                    _changes.Add(
                        new(
                            SchemaChangeKind.Changed,
                            place,
                            $"{Subject(place, "The type")} changed from {Brief(old)} to {Brief(@new)}.",
                            !CanRead(@new, old),
                            !CanRead(old, @new)
                        )
                    );
                else if (old is AvroType.Union before && @new is AvroType.Union after)
                    foreach (var (was, now) in before.Branches.Zip(after.Branches))
                        Compare(was, now, place);
                break;
        }
    }

    private void Fields(AvroType.Record before, AvroType.Record after, string place)
    {
        foreach (var now in after.Fields)
        {
            var inside = Inside(place, now.Name);
            if (Find(before, now) is { } was)
            {
                if (was.Name != now.Name)
                    _changes.Add(
                        new(
                            SchemaChangeKind.Changed,
                            inside,
                            $"Field \"{Inside(place, was.Name)}\" is now named \"{now.Name}\".",
                            BreaksOldReaders: !was.HasDefault
                        )
                    );
                Compare(was.Type, now.Type, inside);
                if (was.HasDefault != now.HasDefault)
                    _changes.Add(
                        new(
                            SchemaChangeKind.Changed,
                            inside,
                            $"Field \"{inside}\" {(now.HasDefault ? "now has" : "no longer has")} a default value."
                        )
                    );
            }
            else
            {
                _changes.Add(
                    new(
                        SchemaChangeKind.Added,
                        inside,
                        $"Field \"{inside}\" ({Brief(now.Type)}) was added {(now.HasDefault ? "with" : "without")} a default value.",
                        BreaksNewReaders: !now.HasDefault
                    )
                );
            }
        }
        foreach (var was in before.Fields.Where(was => after.Fields.All(now => Find(before, now) != was)))
        {
            var inside = Inside(place, was.Name);
            _changes.Add(
                new(
                    SchemaChangeKind.Removed,
                    inside,
                    $"Field \"{inside}\" ({Brief(was.Type)}) was removed{(was.HasDefault ? "" : " and had no default value")}.",
                    BreaksOldReaders: !was.HasDefault
                )
            );
        }
    }

    /// <summary>Brokers accept these; whoever meets an unknown symbol without a default can't read that value.</summary>
    private void Symbols(AvroType.Enumeration before, AvroType.Enumeration after, string place)
    {
        foreach (var symbol in after.Symbols.Except(before.Symbols))
            _changes.Add(
                new(
                    SchemaChangeKind.Added,
                    place,
                    $"{Subject(place, "The enum")} has the new symbol "
                        + $"{symbol}{(before.HasDefault ? "" : ", which readers with the old version don't know")}."
                )
            );
        foreach (var symbol in before.Symbols.Except(after.Symbols))
            _changes.Add(
                new(
                    SchemaChangeKind.Removed,
                    place,
                    $"{Subject(place, "The enum")} no longer has the symbol "
                        + $"{symbol}{(after.HasDefault ? "" : ", so readers with the new version can't read messages that hold it")}."
                )
            );
    }

    /// <summary>Each pair once: definitions that speak of each other would otherwise be compared again and again.</summary>
    private static bool CanRead(AvroType reader, AvroType writer, Dictionary<(AvroType, AvroType), bool> known)
    {
        if (known.TryGetValue((reader, writer), out var told))
            return told;
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            return true; // the cluster decides; this is for the words
        known[(reader, writer)] = true; // while it is being looked at
        return known[(reader, writer)] = (reader, writer) switch
        {
            (_, AvroType.Union written) => written.Branches.All(branch => CanRead(reader, branch, known)),
            (AvroType.Union read, _) => read.Branches.Any(branch => CanRead(branch, writer, known)),
            (AvroType.Primitive to, AvroType.Primitive from) => to.Kind == from.Kind || Promotes(from.Kind, to.Kind),
            (AvroType.Record to, AvroType.Record from) => to.Fields.All(field =>
                Find(from, field) is { } written ? CanRead(field.Type, written.Type, known) : field.HasDefault
            ),
            (AvroType.List to, AvroType.List from) => CanRead(to.Items, from.Items, known),
            (AvroType.Map to, AvroType.Map from) => CanRead(to.Values, from.Values, known),
            (AvroType.Enumeration to, AvroType.Enumeration from) => to.Name == from.Name,
            (AvroType.Fixed to, AvroType.Fixed from) => to.Name == from.Name && to.Size == from.Size,
            _ => false,
        };
    }

    private static AvroField? Find(AvroType.Record written, AvroField wanted) =>
        written.Fields.FirstOrDefault(field => field.Name == wanted.Name)
        ?? written.Fields.FirstOrDefault(field => wanted.Aliases.Contains(field.Name));

    private static bool Promotes(string from, string to) =>
        (from, to)
            is
                ("int", "long" or "float" or "double")
                or
                ("long", "float" or "double")
                or
                ("float", "double")
                or
                ("string", "bytes")
                or
                ("bytes", "string");

    private static string Brief(AvroType type) => type.Words is { Length: > 120 } words ? words[..120] + "…" : type.Words;

    private static string Inside(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";

    private static string Subject(string place, string otherwise) => place.Length == 0 ? otherwise : $"Field \"{place}\"";
}
