using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>Reads a price book's JSON. The first thing that is wrong is refused with its path and what to write there.</summary>
internal static partial class PriceBookReader
{
    private const decimal LargestPrice = 1_000_000m;
    private const decimal LargestQuantity = 1_000_000_000_000_000m;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 10 };

    private static readonly Dictionary<string, PriceModel> Models = new(StringComparer.Ordinal)
    {
        ["perUnit"] = PriceModel.PerUnit,
        ["graduated"] = PriceModel.Graduated,
        ["volume"] = PriceModel.Volume,
        ["package"] = PriceModel.Package,
    };

    public static string ModelText(PriceModel model) => Models.First(pair => pair.Value == model).Key;

    public static Outcome<PriceBook> Read(string json)
    {
        try
        {
            using var document = ForeignJson.Parse(json, Strict);
            return Book(document.RootElement);
        }
        catch (JsonException malformed)
        {
            return new Problem.Invalid(
                "price-book-malformed",
                $"This is not JSON that can be read (line {malformed.LineNumber + 1}), a field is there twice, or a text is not "
                    + "valid Unicode. A price book is one object with version, currency, startsAt and meters."
            );
        }
        catch (Wrong wrong)
        {
            return new Problem.Invalid("price-book-invalid", $"{wrong.Path}: {wrong.Message}", wrong.Path);
        }
    }

    private static PriceBook Book(JsonElement root)
    {
        Fields(root, "", ["version", "currency", "startsAt", "meters"]);
        var version = Text(root, "", "version", "write a name for this version, for example \"2027-01\"");
        if (!VersionPattern().IsMatch(version))
            throw new Wrong("version", "write 1 to 40 letters, digits, dots, dashes or underscores, for example \"2027-01\".");
        var code = Text(root, "", "currency", "write a currency as Stripe does, for example \"usd\"");
        if (!Currency.TryParse(code, out var currency))
            throw new Wrong(
                "currency",
                $"'{Short(code)}' is not a currency that the portal bills in. Write for example \"usd\", \"eur\" or \"jpy\"."
            );
        var start = Text(root, "", "startsAt", "write the instant from which these prices hold, for example \"2027-01-01T00:00:00Z\"");
        if (
            !DateTimeOffset.TryParseExact(
                start,
                ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"],
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var startsAt
            ) || startsAt.Year is < 2000 or > 2200
        )
            throw new Wrong("startsAt", "write an instant in ISO 8601, for example \"2027-01-01T00:00:00Z\".");
        if (!root.TryGetProperty("meters", out var list))
            throw new Wrong("meters", "is missing: write an object with a price for each meter.");
        Fields(list, "meters", [.. Meters.All.Select(meter => meter.Text())]);
        var meters = new Dictionary<Meter, MeterPrice>();
        foreach (var entry in list.EnumerateObject())
            if (Meters.TryParse(entry.Name, out var meter))
                meters[meter] = Price(entry.Value, $"meters.{entry.Name}", meter);
        return meters.Count == 0
            ? throw new Wrong("meters", "has no price. A meter without a price is not charged; price at least one.")
            : new PriceBook(version, currency, startsAt.ToUniversalTime().TruncateToMicroseconds(), meters);
    }

    private static MeterPrice Price(JsonElement element, string path, Meter meter)
    {
        Object(element, path);
        var perText = Text(element, path, "per", $"write one of {Quoted(PriceUnits.Of(meter).Select(unit => unit.Text()))}");
        PriceUnit? per = PriceUnits.Of(meter).Where(unit => unit.Text() == perText).Select(unit => (PriceUnit?)unit).FirstOrDefault();
        if (per is not { } unit)
            throw new Wrong(
                $"{path}.per",
                $"'{Short(perText)}' does not go with {meter.Text()}: write one of "
                    + $"{Quoted(PriceUnits.Of(meter).Select(one => one.Text()))}."
            );
        var modelText = Text(element, path, "model", $"write one of {Quoted(Models.Keys)}");
        if (!Models.TryGetValue(modelText, out var model))
            throw new Wrong($"{path}.model", $"'{Short(modelText)}' is unknown: write one of {Quoted(Models.Keys)}.");

        string[] own = model switch
        {
            PriceModel.PerUnit => ["unitPrice"],
            PriceModel.Graduated or PriceModel.Volume => ["tiers"],
            PriceModel.Package => ["unitPrice", "size"],
        };
        Fields(element, path, ["per", "model", .. own, "included", "minimum", "maximum"], $" of a {modelText} price");
        var unitPrice = own.Contains("unitPrice")
            ? Required(element, path, "unitPrice", LargestPrice, "write a price, for example \"0.10\"")
            : 0m;
        var size =
            model == PriceModel.Package
                ? Required(element, path, "size", LargestQuantity, "write how many units a package has, for example 100")
                : 1m;
        if (size <= 0)
            throw new Wrong($"{path}.size", "write a number greater than 0: the units in one package.");
        var minimum = Optional(element, path, "minimum", LargestQuantity);
        var maximum = Optional(element, path, "maximum", LargestQuantity);
        if (minimum > maximum)
            throw new Wrong($"{path}.minimum", "is greater than the maximum. Lower it, or raise the maximum.");
        return new(
            unit,
            model,
            unitPrice,
            own.Contains("tiers") ? Tiers(element, path) : [],
            size,
            Optional(element, path, "included", LargestQuantity) ?? 0m,
            minimum,
            maximum
        );
    }

    private static List<PriceTier> Tiers(JsonElement element, string path)
    {
        const string Shape = "write a list of tiers, for example [{\"upTo\": 10, \"unitPrice\": \"0\"}, {\"unitPrice\": \"0.10\"}]";
        path = $"{path}.tiers";
        if (!element.TryGetProperty("tiers", out var list))
            throw new Wrong(path, $"is missing: {Shape}.");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is < 1 or > 100)
            throw new Wrong(path, $"{Shape}, 100 at most.");
        var tiers = new List<PriceTier>();
        foreach (var entry in list.EnumerateArray())
        {
            var here = $"{path}[{tiers.Count}]";
            var isLast = tiers.Count == list.GetArrayLength() - 1;
            Object(entry, here);
            Fields(entry, here, ["upTo", "unitPrice", "flatFee"], " of a tier");
            var upTo = Optional(entry, here, "upTo", LargestQuantity);
            if (isLast && upTo is not null)
                throw new Wrong($"{here}.upTo", "leave it out in the last tier, which has no end.");
            if (!isLast && upTo is null)
                throw new Wrong(
                    $"{here}.upTo",
                    "is missing: only the last tier has no end. Write the last quantity that belongs to this tier."
                );
            if (upTo <= (tiers.Count == 0 ? 0m : tiers[^1].UpTo))
                throw new Wrong(
                    $"{here}.upTo",
                    $"write a number greater than {PriceBookWriter.Plain(tiers.Count == 0 ? 0m : tiers[^1].UpTo ?? 0m)}: tiers ascend."
                );
            tiers.Add(
                new(
                    upTo,
                    Required(entry, here, "unitPrice", LargestPrice, "write a price, for example \"0.10\""),
                    Optional(entry, here, "flatFee", LargestQuantity) ?? 0m
                )
            );
        }
        return tiers;
    }

    private static void Object(JsonElement element, string path)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new Wrong(path.Length == 0 ? "(document)" : path, "write an object in braces.");
    }

    private static void Fields(JsonElement element, string path, string[] known, string where = "")
    {
        Object(element, path);
        foreach (var field in element.EnumerateObject())
            if (!known.Contains(field.Name, StringComparer.Ordinal))
                throw new Wrong(At(path, Short(field.Name)), $"isn't a field{where}. Remove it, or use one of {Quoted(known)}.");
    }

    private static string Text(JsonElement element, string path, string name, string todo) =>
        !element.TryGetProperty(name, out var value) ? throw new Wrong(At(path, name), $"is missing: {todo}.")
        : value.ValueKind != JsonValueKind.String ? throw new Wrong(At(path, name), $"is not a text in quotes: {todo}.")
        : value.GetString()!;

    private static decimal Required(JsonElement element, string path, string name, decimal atMost, string todo) =>
        Optional(element, path, name, atMost) ?? throw new Wrong(At(path, name), $"is missing: {todo}.");

    private static decimal? Optional(JsonElement element, string path, string name, decimal atMost)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        var (text, style) = value.ValueKind switch
        {
            JsonValueKind.String => (value.GetString()!, NumberStyles.AllowDecimalPoint),
            JsonValueKind.Number => (
                value.GetRawText(),
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign | NumberStyles.AllowExponent
            ),
            _ => throw new Wrong(At(path, name), "write a number, or a number in quotes, for example \"0.10\"."),
        };
        if (text.Length > 40 || !decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var number) || number < 0)
            throw new Wrong(
                At(path, name),
                $"'{Short(text)}' is not a number of 0 or more: write digits with a decimal point, for example \"0.10\"."
            );
        if (number > atMost)
            throw new Wrong(
                At(path, name),
                $"is greater than {atMost.ToString("N0", CultureInfo.InvariantCulture)}: write a smaller number."
            );
        return decimal.Round(number, 12) == number
            ? number
            : throw new Wrong(At(path, name), "has more than 12 decimals: write at most 12.");
    }

    private static string At(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Quoted(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"\"{word}\""));

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,40}\z")]
    private static partial Regex VersionPattern();

    /// <summary>Ends the reading at the first thing that is wrong; never leaves this class.</summary>
    private sealed class Wrong(string path, string message) : Exception(message)
    {
        public string Path => path;
    }
}
