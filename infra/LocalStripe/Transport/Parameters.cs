using System.Globalization;
using System.Text.Json.Nodes;

namespace LocalStripe.Transport;

/// <summary>Typed reading of a request's parameters, with Stripe's own errors. An empty string unsets a field.</summary>
internal sealed class Parameters(FormTree node, string path = "")
{
    public bool Has(string name) => node.Child(name) is not null;

    public string? Text(string name)
    {
        if (node.Child(name) is not { } child)
            return null;
        child.WasRead = true;
        return child.Value is { Length: > 0 } text ? text : null;
    }

    public string Required(string name) => Text(name) ?? throw StripeError.Missing(PathOf(name));

    public string? OneOf(string name, params string[] allowed)
    {
        var text = Text(name);
        return text is null || allowed.Contains(text)
            ? text
            : throw StripeError.Malformed($"Invalid {name}: must be one of {string.Join(", ", allowed)}", PathOf(name));
    }

    public long? Number(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw StripeError.Malformed($"Invalid integer: {text}", PathOf(name), "parameter_invalid_integer");
    }

    public decimal? Decimal(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return
            decimal.TryParse(
                text,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var number
            )
            && number.Scale <= 12
            ? number
            : throw StripeError.Malformed($"Invalid decimal: {text}; decimal parameters may contain up to 12 decimal places", PathOf(name));
    }

    public bool? Flag(string name) =>
        Text(name) switch
        {
            null => null,
            "true" => true,
            "false" => false,
            var text => throw StripeError.Malformed($"Invalid boolean: {text}", PathOf(name)),
        };

    public Parameters? Sub(string name)
    {
        if (node.Child(name) is not { } child)
            return null;
        child.WasRead = true;
        return new Parameters(child, PathOf(name));
    }

    public IReadOnlyList<string> Texts(string name)
    {
        if (node.Child(name) is not { } child)
            return [];
        child.WasRead = true;
        return
        [
            .. child.Children.Select(item =>
            {
                item.Node.WasRead = true;
                return item.Node.Value ?? throw StripeError.Malformed($"Invalid string in {name}", PathOf(name));
            }),
        ];
    }

    /// <summary>Copies the named fields that the request gives into the object, unsetting the empty ones.</summary>
    public void CopyTexts(JsonObject target, params string[] names)
    {
        foreach (var name in names.Where(Has))
            target[name] = Text(name);
    }

    /// <summary>Copies a nested object as it was sent, such as an address: only the named keys are known.</summary>
    public void CopyObject(JsonObject target, string name, params string[] keys)
    {
        if (Sub(name) is not { } given)
            return;
        var copy = target[name] as JsonObject ?? new JsonObject(keys.Select(key => KeyValuePair.Create(key, (JsonNode?)null)));
        given.CopyTexts(copy, keys);
        target[name] = copy.Parent is null ? copy : copy.DeepClone();
    }

    /// <summary>
    /// Stripe's merge: given keys replace, empty values delete, an empty <c>metadata</c> clears; 50 keys, 40 and 500 characters.
    /// </summary>
    public void MergeMetadata(JsonObject target)
    {
        if (node.Child("metadata") is not { } given)
            return;
        given.WasRead = true;
        var metadata = given.Value is "" ? [] : target["metadata"]?.DeepClone().AsObject() ?? [];
        foreach (var (key, item) in given.Children)
        {
            item.WasRead = true;
            if (key.Length > 40)
                throw StripeError.Malformed($"Metadata keys may be at most 40 characters long: {key}", $"metadata[{key}]");
            if (item.Value is { Length: > 500 })
                throw StripeError.Malformed("Metadata values may be at most 500 characters long.", $"metadata[{key}]");
            if (item.Value is null or "")
                metadata.Remove(key);
            else
                metadata[key] = item.Value;
        }

        if (metadata.Count > 50)
            throw StripeError.Malformed("Metadata may have at most 50 keys.", "metadata");
        target["metadata"] = metadata;
    }

    private string PathOf(string name) => path.Length == 0 ? name : $"{path}[{name}]";
}
