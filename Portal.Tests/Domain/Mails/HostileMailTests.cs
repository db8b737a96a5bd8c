using AngleSharp.Html.Parser;
using Portal.Domain.Mails;

namespace Portal.Tests.Domain.Mails;

/// <summary>What people typed ends up in emails to others. It stays words.</summary>
public sealed class HostileMailTests
{
    private static readonly MailTemplate<string> Template = new()
    {
        Kind = "test.hostile",
        Title = "Hostile",
        When = "Never.",
        Because = "somebody means you harm",
        SampleOf = _ => "Northwind",
        Compose = (name, _) =>
            new MailDraft($"{name} is overdue", $"{name} has an invoice.")
                .Facts(("Organization", name))
                .Items([name])
                .Button("Pay", new Uri($"https://portal.example.com/o/x?name={Uri.EscapeDataString(name)}"))
                .Note($"Written for {name}."),
    };

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("\"><img src=x onerror=alert(1)>")]
    [InlineData("</title></style><style>body{display:none}</style>")]
    [InlineData("--><!--[if mso]><b>x</b><![endif]-->")]
    [InlineData("' style='color:red")]
    [InlineData("&lt;b&gt; &amp; {{name}} {% raw %} ${name}")]
    public void Markup_is_words_in_both_parts(string name)
    {
        var mail = Template.Write(new("ada@example.com", MailZone.Utc), name);
        var brand = new MailBrand(name, name);
        var page = new HtmlParser().ParseDocument(MailLayout.Html(mail, brand));
        Assert.Empty(page.QuerySelectorAll("script, img, b, table, [onerror]"));
        Assert.Single(page.QuerySelectorAll("style"));
        Assert.Equal($"{name} is overdue", page.Title);
        Assert.Equal($"{name} has an invoice.", page.QuerySelectorAll(".card p.ink")[0].TextContent);
        Assert.Equal(name, page.QuerySelector("strong")!.TextContent);
        Assert.Equal(name, page.QuerySelector("li")!.TextContent);
        Assert.Equal(mail.Action!.Url.AbsoluteUri, page.QuerySelector("a.button")!.GetAttribute("href"));
        Assert.Contains($"{name} has an invoice.", MailLayout.Text(mail, brand), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("North\r\nBcc: eve@example.com", "North Bcc: eve@example.com is overdue")]
    [InlineData("North\nwind\u2028and\u2029more\u0085x", "North wind and more x is overdue")]
    [InlineData("\u202Egnp.exe\u202C", "gnp.exe is overdue")]
    [InlineData("North\0wind\u0007", "North wind is overdue")]
    public void A_subject_is_one_line_that_reads_as_it_is(string name, string expected)
    {
        var mail = Template.Write(new("ada@example.com", MailZone.Utc), name);
        Assert.Equal(expected, mail.Subject.Replace("  ", " ", StringComparison.Ordinal));
        Assert.Equal("Organization", Assert.Single(Assert.IsType<MailPart.Facts>(mail.Parts[1]).Rows).Name);
        Assert.DoesNotContain(((MailPart.Facts)mail.Parts[1]).Rows[0].Value, char.IsControl);
    }

    [Fact]
    public void What_is_long_is_cut_and_whole_characters_stay_whole()
    {
        var mail = Template.Write(new("ada@example.com", MailZone.Utc), string.Concat(Enumerable.Repeat("😀", 500)));
        Assert.InRange(mail.Subject.Length, 100, 205);
        Assert.All(
            new[] { mail.Subject, MailLayout.Html(mail, MailBrand.Default) },
            words => Assert.False(words.Any(char.IsSurrogate) && words.EnumerateRunes().Any(rune => rune.Value == 0xFFFD))
        );
        var many = new MailDraft("Many", "These:").Items([.. Enumerable.Range(1, 80).Select(number => $"Key {number}")]);
        Assert.Equal("and 30 more", Assert.IsType<MailPart.Items>(many.Parts[1]).Lines[^1]);
    }

    [Fact]
    public void In_the_preview_the_operator_says_which_colors_and_else_the_reader_does()
    {
        var mail = Template.Write(new("ada@example.com", MailZone.Utc), "Northwind");
        Assert.Contains("@media (prefers-color-scheme:dark)", MailLayout.Html(mail, MailBrand.Default), StringComparison.Ordinal);
        var (light, dark) = (
            MailLayout.Html(mail, MailBrand.Default, MailScheme.Light),
            MailLayout.Html(mail, MailBrand.Default, MailScheme.Dark)
        );
        Assert.DoesNotContain("!important", light, StringComparison.Ordinal);
        Assert.DoesNotContain("@media", dark, StringComparison.Ordinal);
        Assert.Contains(".card{background:#141a22!important", dark, StringComparison.Ordinal);
    }
}
