using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

internal static class PriceBookWriter
{
    private static readonly JsonWriterOptions Layout = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(PriceBook book)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Layout))
        {
            writer.WriteStartObject();
            writer.WriteString("version", book.Version);
            writer.WriteString("currency", book.Currency.Code);
            writer.WriteString(
                "startsAt",
                book.StartsAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
            );
            writer.WriteStartObject("meters");
            foreach (var meter in Meters.All)
                if (book.Meters.TryGetValue(meter, out var price))
                    Write(writer, meter, price);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, Meter meter, MeterPrice price)
    {
        writer.WriteStartObject(meter.Text());
        writer.WriteString("per", price.Per.Text());
        writer.WriteString("model", PriceBookReader.ModelText(price.Model));
        if (price.Model is PriceModel.PerUnit or PriceModel.Package)
            writer.WriteString("unitPrice", Plain(price.UnitPrice));
        if (price.Model == PriceModel.Package)
            writer.WriteNumber("size", Trim(price.PackageSize));
        if (price.Tiers.Count > 0)
        {
            writer.WriteStartArray("tiers");
            foreach (var tier in price.Tiers)
            {
                writer.WriteStartObject();
                if (tier.UpTo is { } upTo)
                    writer.WriteNumber("upTo", Trim(upTo));
                writer.WriteString("unitPrice", Plain(tier.UnitPrice));
                if (tier.FlatFee != 0)
                    writer.WriteString("flatFee", Plain(tier.FlatFee));
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        if (price.Included != 0)
            writer.WriteNumber("included", Trim(price.Included));
        if (price.Minimum is { } minimum)
            writer.WriteString("minimum", Plain(minimum));
        if (price.Maximum is { } maximum)
            writer.WriteString("maximum", Plain(maximum));
        writer.WriteEndObject();
    }

    internal static string Plain(decimal value) => value.ToString("0.############", CultureInfo.InvariantCulture);

    /// <summary>Dividing by a one with 28 zeros drops the zeros at the end.</summary>
    private static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;
}
