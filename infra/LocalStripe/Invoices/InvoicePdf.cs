using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LocalStripe.Pages;
using LocalStripe.Storage;

namespace LocalStripe.Invoices;

/// <summary>A small PDF 1.4 written by hand: A4, the standard Helvetica fonts, as many pages as the lines need.</summary>
internal static class InvoicePdf
{
    private const int LinesPerPage = 44;
    private const int WidestDescription = 78;

    public static byte[] Make(JsonObject invoice, IReadOnlyList<JsonObject> lines)
    {
        var currency = invoice.Text("currency");
        var rows = lines
            .Select(line => (Short(line.TextOrNull("description") ?? ""), Amounts.Text(line.Number("amount"), currency)))
            .Append(("", ""))
            .Concat(
                invoice["total_taxes"]!
                    .AsArray()
                    .Select(tax => tax!.AsObject())
                    .Where(tax => tax.Number("amount") != 0)
                    .Select(tax =>
                        (tax.Text("tax_behavior") == "inclusive" ? "Tax, included" : "Tax", Amounts.Text(tax.Number("amount"), currency))
                    )
            )
            .Append(("Total", Amounts.Text(invoice.Number("total"), currency)))
            .Append(("Amount paid", Amounts.Text(invoice.Number("amount_paid"), currency)))
            .Append(("Amount due", Amounts.Text(invoice.Number("amount_remaining"), currency)));
        var pages = rows.Chunk(LinesPerPage).ToList();
        var objects = new List<string>
        {
            "<< /Type /Catalog /Pages 2 0 R >>",
            $"<< /Type /Pages /Count {pages.Count} /Kids [{string.Join(' ', pages.Select((_, index) => $"{5 + (index * 2)} 0 R"))}] >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        };
        foreach (var (index, page) in pages.Index())
        {
            var content = Content(invoice, page, index + 1, pages.Count);
            objects.Add(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents "
                    + $"{6 + (index * 2)} 0 R >>"
            );
            objects.Add($"<< /Length {content.Length} >>\nstream\n{content}\nendstream");
        }

        return Write(objects);
    }

    private static string Content(JsonObject invoice, IEnumerable<(string Text, string Amount)> rows, int page, int pages)
    {
        var content = new StringBuilder();
        void Put(string font, int size, int x, int y, string text) =>
            content.Append(CultureInfo.InvariantCulture, $"BT /{font} {size} Tf {x} {y} Td ({Literal(text)}) Tj ET\n");

        Put("F2", 18, 50, 780, $"Invoice {invoice.Text("number")}");
        Put("F1", 10, 50, 758, invoice.TextOrNull("customer_name") ?? invoice.TextOrNull("customer_email") ?? invoice.Text("customer"));
        Put("F1", 10, 50, 743, $"Issued {Amounts.Day(invoice.Sub("status_transitions").Number("finalized_at"))}, {invoice.Text("status")}");
        Put("F1", 8, 50, 30, $"Made by LocalStripe, a development stand-in: no demand for payment. Page {page} of {pages}");
        var y = 710;
        foreach (var (text, amount) in rows)
        {
            Put("F1", 9, 50, y, text);
            Put("F1", 9, 470, y, amount);
            y -= 15;
        }

        return content.ToString().TrimEnd('\n');
    }

    private static string Short(string text) => text.Length <= WidestDescription ? text : text[..(WidestDescription - 1)] + "…";

    /// <summary>Characters outside Latin-1 have no place in the standard fonts.</summary>
    private static string Literal(string text)
    {
        var literal = new StringBuilder();
        foreach (var character in text)
        {
            literal.Append(
                character switch
                {
                    '(' or ')' or '\\' => $"\\{character}",
                    '…' => "...",
                    '–' or '—' => "-",
                    '×' => "x",
                    < ' ' or > 'ÿ' => "?",
                    _ => character.ToString(),
                }
            );
        }

        return literal.ToString();
    }

    private static byte[] Write(List<string> objects)
    {
        using var file = new MemoryStream();
        void Put(string text) => file.Write(Encoding.Latin1.GetBytes(text));

        var positions = new List<long>();
        Put("%PDF-1.4\n");
        foreach (var (index, body) in objects.Index())
        {
            positions.Add(file.Position);
            Put($"{index + 1} 0 obj\n{body}\nendobj\n");
        }

        var table = file.Position;
        Put($"xref\n0 {objects.Count + 1}\n0000000000 65535 f \n");
        foreach (var position in positions)
            Put($"{position.ToString("D10", CultureInfo.InvariantCulture)} 00000 n \n");
        Put($"trailer\n<< /Size {objects.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        return file.ToArray();
    }
}
