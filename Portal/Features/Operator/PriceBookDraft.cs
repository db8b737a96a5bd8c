using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Billing;
using Portal.Domain.Usage;

namespace Portal.Features.Operator;

/// <summary>
/// A price list as a form holds it: texts as they were typed. It is written as the document that the API takes and checked as
/// that, so that form and document cannot come to mean two things.
/// </summary>
public sealed class PriceBookDraft
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string Version { get; set; } = "";

    /// <summary>As Stripe writes it: <c>usd</c>.</summary>
    public string Currency { get; set; } = "";

    /// <summary>In UTC, as a field of day and time holds it: <c>yyyy-MM-ddTHH:mm</c>, with seconds where there are any.</summary>
    public string StartsAt { get; set; } = "";

    public IReadOnlyList<MeterDraft> Meters { get; private init; } = [];

    /// <summary>The draft of a document; null when that can't be read, and only its text can be edited.</summary>
    public static PriceBookDraft? Read(string document)
    {
        if (!PriceBook.Parse(document).TryGet(out var book, out _))
            return null;
        var start = book.StartsAt.UtcDateTime;
        // What a field of day and time cannot say stays in the document.
        if (start.Ticks % TimeSpan.TicksPerSecond != 0)
            return null;
        return new()
        {
            Version = book.Version,
            Currency = book.Currency.Code,
            StartsAt = start.ToString(start.Second == 0 ? "yyyy-MM-dd'T'HH:mm" : "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture),
            Meters = [.. Domain.Usage.Meters.All.Select(meter => MeterDraft.Of(meter, book.Meters.GetValueOrDefault(meter)))],
        };
    }

    /// <summary>From the first of the month after <paramref name="now"/> on, under a version of that name that is not taken.</summary>
    public void Next(DateTimeOffset now, IReadOnlyCollection<string> taken)
    {
        var start = Domain.Common.Month.Of(now).Start.AddMonths(1);
        StartsAt = start.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
        var name = start.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        Version = taken.Contains(name)
            ? Enumerable.Range(2, taken.Count + 1).Select(number => $"{name}-{number}").First(one => !taken.Contains(one))
            : name;
    }

    /// <summary>The document. What was left empty is left out, so that its check says what is missing and where.</summary>
    public string Write()
    {
        var meters = new JsonObject();
        foreach (var meter in Meters.Where(meter => meter.IsCharged))
            meters[meter.Meter.Text()] = meter.Write();
        return new JsonObject
        {
            ["version"] = Version.Trim(),
            ["currency"] = Currency.Trim().ToLowerInvariant(),
            ["startsAt"] = $"{StartsAt}Z",
            ["meters"] = meters,
        }.ToJsonString(Layout);
    }
}

/// <summary>The price of a meter in a form.</summary>
public sealed class MeterDraft
{
    private static readonly Dictionary<PriceModel, string> ModelNames = new()
    {
        [PriceModel.PerUnit] = "perUnit",
        [PriceModel.Graduated] = "graduated",
        [PriceModel.Volume] = "volume",
        [PriceModel.Package] = "package",
    };

    public required Meter Meter { get; init; }

    /// <summary>A meter without a price is not charged.</summary>
    public bool IsCharged { get; set; }

    public string Per { get; set; } = "";

    /// <summary>As the document writes it: <c>perUnit</c>, <c>graduated</c>, <c>volume</c>, <c>package</c>.</summary>
    public string Model { get; set; } = "perUnit";

    public string UnitPrice { get; set; } = "";

    /// <summary>Units in a package.</summary>
    public string Size { get; set; } = "";

    public string Included { get; set; } = "";
    public string Minimum { get; set; } = "";
    public string Maximum { get; set; } = "";
    public List<TierDraft> Tiers { get; } = [];

    public bool HasTiers => Model is "graduated" or "volume";

    internal static MeterDraft Of(Meter meter, MeterPrice? price)
    {
        var draft = new MeterDraft
        {
            Meter = meter,
            IsCharged = price is not null,
            Per = (price?.Per ?? PriceUnits.Of(meter)[0]).Text(),
        };
        if (price is not null)
        {
            draft.Model = ModelNames[price.Model];
            if (!draft.HasTiers)
                draft.UnitPrice = Text(price.UnitPrice);
            if (price.Model == PriceModel.Package)
                draft.Size = Text(price.PackageSize);
            draft.Included = price.Included == 0 ? "" : Text(price.Included);
            draft.Minimum = price.Minimum is { } minimum ? Text(minimum) : "";
            draft.Maximum = price.Maximum is { } maximum ? Text(maximum) : "";
            foreach (var tier in price.Tiers)
                draft.Tiers.Add(
                    new()
                    {
                        UpTo = tier.UpTo is { } upTo ? Text(upTo) : "",
                        UnitPrice = Text(tier.UnitPrice),
                        FlatFee = tier.FlatFee == 0 ? "" : Text(tier.FlatFee),
                    }
                );
        }
        draft.EnsureTiers();
        return draft;
    }

    /// <summary>The last tier has no end, so there is always one.</summary>
    public void EnsureTiers()
    {
        if (Tiers.Count == 0)
            Tiers.Add(new() { UnitPrice = UnitPrice });
    }

    /// <summary>A tier before the last.</summary>
    public void AddTier() => Tiers.Insert(Tiers.Count - 1, new());

    internal JsonObject Write()
    {
        var price = new JsonObject { ["per"] = Per, ["model"] = Model };
        if (HasTiers)
        {
            price["tiers"] = new JsonArray([
                .. Tiers.Select(
                    (tier, place) =>
                    {
                        var written = new JsonObject();
                        if (place < Tiers.Count - 1)
                            Put(written, "upTo", tier.UpTo);
                        Put(written, "unitPrice", tier.UnitPrice);
                        Put(written, "flatFee", tier.FlatFee);
                        return (JsonNode)written;
                    }
                ),
            ]);
        }
        else
        {
            Put(price, "unitPrice", UnitPrice);
            if (Model == "package")
                Put(price, "size", Size);
        }
        Put(price, "included", Included);
        Put(price, "minimum", Minimum);
        Put(price, "maximum", Maximum);
        return price;
    }

    private static void Put(JsonObject into, string name, string text)
    {
        if (text.Trim() is { Length: > 0 } typed)
            into[name] = typed;
    }

    private static string Text(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);
}

/// <summary>A tier in a form; the last one has no end.</summary>
public sealed class TierDraft
{
    public string UpTo { get; set; } = "";
    public string UnitPrice { get; set; } = "";
    public string FlatFee { get; set; } = "";
}
