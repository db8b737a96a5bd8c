using System.Net;
using System.Text;

namespace Portal.Domain.Mails;

/// <summary>What stands above and below every email: the operator's own.</summary>
/// <param name="Name">Above it, and the sender's name where the sender's address has none.</param>
/// <param name="Footer">Below it, for example the company and where it is; null for nothing.</param>
public sealed record MailBrand(string Name, string? Footer)
{
    public static MailBrand Default { get; } = new("Portal", null);
}

/// <summary>In which colors an HTML part is shown: as the reader's program says, or, in the preview, as the operator does.</summary>
public enum MailScheme
{
    Auto,
    Light,
    Dark,
}

/// <summary>
/// Makes the plain text and the HTML of an email from its parts. Styles stand on the elements, since programs drop style
/// sheets; a sheet only turns the colors in the dark. Nothing is loaded from anywhere, and nothing that somebody typed is markup.
/// </summary>
public static class MailLayout
{
    public static string Text(Mail mail, MailBrand brand)
    {
        var text = new StringBuilder();
        foreach (var part in mail.Parts.Where(part => part is not MailPart.Note))
            text.Append(part.Plain).Append("\n\n");
        if (mail.Action is { } action)
            text.Append(action.Text).Append(":\n").Append(action.Url.AbsoluteUri).Append("\n\n");
        text.Append("-- \n");
        foreach (var note in mail.Parts.OfType<MailPart.Note>())
            text.Append(note.Plain).Append("\n\n");
        text.Append(brand.Footer is null ? brand.Name : $"{brand.Name} · {brand.Footer}").Append('\n');
        return text.ToString();
    }

    public static string Html(Mail mail, MailBrand brand, MailScheme scheme = MailScheme.Auto)
    {
        var shown = new StringBuilder();
        foreach (var part in mail.Parts.Where(part => part is not MailPart.Note))
            shown.Append(Part(part));
        if (mail.Action is { } action)
            shown.Append(Button(action));
        var notes = string.Concat(
            mail.Parts.OfType<MailPart.Note>()
                .Select(note => $"""<p class="quiet" style="margin:0 0 8px;color:{Quiet}">{Encode(note.Words)}</p>""")
        );
        var subject = Encode(mail.Subject);
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="{{Schemes(scheme)}}">
            <meta name="supported-color-schemes" content="{{Schemes(scheme)}}">
            <title>{{subject}}</title>
            <style>:root{color-scheme:{{Schemes(scheme)}}}{{Dark(scheme)}}</style>
            </head>
            <body class="ground" style="margin:0;padding:0;background:#f7f8fa">
            <div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{{Encode(Preview(mail))}}</div>
            <div class="ground" style="padding:24px 12px;background:#f7f8fa;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.55;color:{{Ink}}">
            <!--[if mso]><table role="presentation" align="center" width="560" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
            <div style="max-width:560px;margin:0 auto">
            <p class="ink" style="margin:0 0 12px;padding:0 4px;font-size:16px;font-weight:600;color:{{Ink}}">{{Encode(brand.Name)}}</p>
            <div class="card" style="background:#ffffff;border:1px solid {{Line}};border-radius:10px;padding:28px 24px 20px">
            <h1 class="ink" style="margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600;color:{{Ink}}">{{subject}}</h1>
            {{shown}}</div>
            <div style="padding:16px 4px 0;font-size:13px;line-height:1.5">{{notes}}{{Footer(brand)}}</div>
            </div>
            <!--[if mso]></td></tr></table><![endif]-->
            </div>
            </body>
            </html>

            """;
    }

    private const string Ink = "#101828";
    private const string Quiet = "#475467";
    private const string Line = "#e4e7ec";
    private const string Accent = "#0b7a75";

    private static string Part(MailPart part) =>
        part switch
        {
            MailPart.Paragraph paragraph => $"""<p class="ink" style="margin:0 0 16px;color:{Ink}">{Encode(paragraph.Words)}</p>{"\n"}""",
            MailPart.Facts facts =>
                $"""<div class="line" style="margin:0 0 16px;border-bottom:1px solid {Line}">{string.Concat(facts.Rows.Select(Fact))}</div>{"\n"}""",
            MailPart.Items items =>
                $"""<ul class="ink" style="margin:0 0 16px;padding:0 0 0 22px;color:{Ink}">{string.Concat(items.Lines.Select(line => $"""<li style="margin:0 0 4px">{Encode(line)}</li>"""))}</ul>{"\n"}""",
            _ => "",
        };

    private static string Fact(MailFact fact) =>
        $"""<p class="line" style="margin:0;padding:8px 0;border-top:1px solid {Line};overflow-wrap:anywhere"><span class="quiet" style="display:inline-block;min-width:150px;padding-right:12px;color:{Quiet}">{Encode(fact.Name)}</span> <strong class="ink" style="display:inline-block;font-weight:600;color:{Ink}">{Encode(fact.Value)}</strong></p>""";

    /// <summary>
    /// Outlook for Windows knows no padding on a link: the borders in the color of the button stand in for it everywhere.
    /// </summary>
    private static string Button(MailAction action)
    {
        var url = Encode(action.Url.AbsoluteUri);
        return $"""
            <p style="margin:8px 0 20px"><a class="button" href="{url}" style="display:inline-block;background:{Accent};border:solid {Accent};border-width:10px 18px;border-radius:8px;color:#ffffff;font-weight:600;line-height:1.3;text-decoration:none">{Encode(
                action.Text
            )}</a></p>
            <p class="quiet" style="margin:0 0 8px;font-size:13px;color:{Quiet}">If the button doesn't work, copy this address into your browser:<br><a class="link" href="{url}" style="color:#08635f;word-break:break-all">{url}</a></p>

            """;
    }

    private static string Footer(MailBrand brand) =>
        $"""<p class="quiet" style="margin:0;color:{Quiet}">{Encode(brand.Footer is null ? brand.Name : $"{brand.Name} · {brand.Footer}")}</p>""";

    /// <summary>What inboxes show beside the subject.</summary>
    private static string Preview(Mail mail) =>
        mail.Parts.OfType<MailPart.Paragraph>().FirstOrDefault()?.Words is { } words
            ? words.Length <= 120
                ? words
                : $"{words.AsSpan(0, Cut(words, 119))}…"
            : "";

    private static int Cut(string words, int at) => char.IsHighSurrogate(words[at - 1]) ? at - 1 : at;

    private static string Schemes(MailScheme scheme) =>
        scheme switch
        {
            MailScheme.Light => "light",
            MailScheme.Dark => "dark",
            _ => "light dark",
        };

    private static string Dark(MailScheme scheme)
    {
        const string rules =
            ".ground{background:#0d1117!important}.card{background:#141a22!important;border-color:#28303c!important}.ink{color:#e8ebf0!important}.quiet{color:#a9b2c0!important}"
            + ".line{border-color:#28303c!important}.link{color:#5ad8cc!important}.button{background:#2cc4b6!important;border-color:#2cc4b6!important;color:#04201e!important}";
        return scheme switch
        {
            MailScheme.Light => "",
            MailScheme.Dark => rules,
            _ => $"@media (prefers-color-scheme:dark){{{rules}}}",
        };
    }

    private static string Encode(string words) => WebUtility.HtmlEncode(words);
}
