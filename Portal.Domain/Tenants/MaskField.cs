using System.Globalization;
using System.Text.Json.Nodes;
using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>
/// A field as people write it: <c>payload</c>, <c>key</c>, <c>property:name</c>, or a place in JSON: <c>$.customer.email</c>,
/// <c>$.lines[*].card</c>, <c>$..email</c> for every field of that name at any depth.
/// </summary>
public sealed class MaskField
{
    /// <summary>What stands in place of a masked value.</summary>
    public const string Mask = "•••";

    private const int Longest = 200;
    private const string OfProperty = "property:";

    private readonly IReadOnlyList<Step> _steps;

    private MaskField(MaskKind kind, string? name, IReadOnlyList<Step> steps) => (Kind, Name, _steps) = (kind, name, steps);

    public MaskKind Kind { get; }

    /// <summary>Of a property.</summary>
    public string? Name { get; }

    /// <param name="IsDeep">At any depth below.</param>
    /// <param name="Name">Null for every element of a list, unless <paramref name="Index"/> says which.</param>
    private sealed record Step(string? Name, int? Index, bool IsDeep);

    public static Outcome<MaskField> Parse(string? text)
    {
        text = text?.Trim() ?? "";
        if (text.Length is 0 or > Longest)
            return Malformed($"Write 1 to {Longest} characters.");
        if (text is "payload" or "$")
            return new MaskField(MaskKind.Payload, null, []);
        if (text == "key")
            return new MaskField(MaskKind.Key, null, []);
        if (text.StartsWith(OfProperty, StringComparison.Ordinal))
            return text.Length > OfProperty.Length
                ? new MaskField(MaskKind.Property, text[OfProperty.Length..].Trim(), [])
                : Malformed("The property's name is missing.");
        if (text[0] != '$')
            return Malformed("");
        var steps = new List<Step>();
        for (var at = 1; at < text.Length; )
        {
            if (text[at] == '.')
            {
                var isDeep = at + 1 < text.Length && text[at + 1] == '.';
                var begin = at + (isDeep ? 2 : 1);
                var end = begin;
                while (end < text.Length && text[end] is not ('.' or '['))
                    end++;
                if (end == begin)
                    return Malformed("A name is missing after a dot.");
                steps.Add(new(text[begin..end], null, isDeep));
                at = end;
            }
            else if (text[at] == '[' && text.IndexOf(']', at) is > 0 and var close)
            {
                var inside = text[(at + 1)..close];
                if (inside == "*")
                    steps.Add(new(null, null, false));
                else if (int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                    steps.Add(new(null, index, false));
                else if (inside is ['\'', .. { Length: > 0 } quoted, '\''])
                    steps.Add(new(quoted, null, false));
                else
                    return Malformed("Brackets hold a number, *, or a name in single quotes.");
                at = close + 1;
            }
            else
                return Malformed("After a name comes a dot or a bracket.");
        }
        return new MaskField(MaskKind.Json, null, steps);
    }

    /// <summary>
    /// Puts the mask in the place of what the field leads to. Each node is looked at once, with all steps that may go on from
    /// there: names at any depth, written several times in one field, would otherwise multiply.
    /// </summary>
    public void Apply(JsonNode document) => Apply(document, [0]);

    private void Apply(JsonNode here, HashSet<int> at)
    {
        switch (here)
        {
            case JsonObject fields:
                foreach (var (name, child) in fields.ToList())
                {
                    if (Goes(at, step => step.Name == name) is not { } next)
                        fields[name] = Mask;
                    else if (next.Count > 0 && child is JsonObject or JsonArray)
                        Apply(child, next);
                }
                break;
            case JsonArray list:
                for (var index = 0; index < list.Count; index++)
                {
                    var place = index;
                    if (Goes(at, step => step.Name is null && (step.Index is not { } only || only == place)) is not { } next)
                        list[index] = Mask;
                    else if (next.Count > 0 && list[index] is JsonNode child and (JsonObject or JsonArray))
                        Apply(child, next);
                }
                break;
        }
    }

    /// <summary>The steps that may go on from a child; null for the end of the field.</summary>
    private HashSet<int>? Goes(HashSet<int> at, Func<Step, bool> fits)
    {
        var next = new HashSet<int>();
        foreach (var number in at)
        {
            if (_steps[number].IsDeep)
                next.Add(number);
            if (!fits(_steps[number]))
                continue;
            if (number == _steps.Count - 1)
                return null;
            next.Add(number + 1);
        }
        return next;
    }

    private static Problem.Invalid Malformed(string why) =>
        new(
            "mask-malformed",
            $"Write payload, key, property:name, or a path such as $.customer.email, $.lines[*].card, or $..email. {why}".TrimEnd(),
            "fields"
        );
}

public enum MaskKind
{
    Payload,
    Key,
    Property,
    Json,
}
