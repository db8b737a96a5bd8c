using System.Reflection;
using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;
using Portal.Domain.Access;
using Portal.Domain.Mails;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Mails;

/// <summary>Every kind of email: in the library, with a sample, and the same in both of its parts.</summary>
public sealed partial class MailTemplatesTests
{
    private static readonly Uri Address = new("https://portal.example.com");
    private static readonly MailRecipient Ada = new("ada@example.com", MailZone.Of("Europe/Berlin"));

    public static TheoryData<string> Kinds => [.. UseCases.Library.Templates.Select(template => template.Kind)];

    /// <summary>A template that somebody forgets in a feature's list would have no preview, and none of the tests below.</summary>
    [Fact]
    public void Every_template_is_in_the_library_once()
    {
        var written =
            from type in typeof(MailTemplate).Assembly.GetTypes()
            from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            where typeof(MailTemplate).IsAssignableFrom(field.FieldType)
            select ((MailTemplate)field.GetValue(null)!).Kind;
        var kinds = UseCases.Library.Templates.Select(template => template.Kind).ToList();
        Assert.Equal(written.Order(StringComparer.Ordinal), kinds.Order(StringComparer.Ordinal));
        Assert.Equal(kinds.Distinct(), kinds);
        Assert.True(kinds.Count > 30);
    }

    [Fact]
    public void Nothing_but_a_template_writes_an_email_and_every_template_is_written_with()
    {
        var sources = Repository
            .Sources("Portal.Domain", ".cs")
            .ToDictionary(file => file, file => File.ReadAllText(Path.Combine(Repository.Root, file)));
        Assert.Empty(sources.Where(source => NewMail().IsMatch(source.Value)).Select(source => source.Key));
        var unused =
            from source in sources
            from Match declared in Declared().Matches(source.Value)
            let name = declared.Groups[1].Value
            // Declared, listed, and written with.
            where Regex.Count(source.Value, $@"\b{name}\b") < 3
            select $"{source.Key}: {name}";
        Assert.Empty(unused);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_parts_say_the_same_and_lead_to_the_same_place(string kind)
    {
        var template = UseCases.Library.Find(kind)!;
        Assert.All([template.Title, template.When, template.Because], words => Assert.False(string.IsNullOrWhiteSpace(words)));
        Assert.EndsWith(".", template.When, StringComparison.Ordinal);
        var mail = template.Sample(Ada, Address);
        var (text, html) = (
            MailLayout.Text(mail, MailBrand.Default),
            new HtmlParser().ParseDocument(MailLayout.Html(mail, MailBrand.Default))
        );
        Assert.Equal((kind, Ada.Address), (mail.Kind, mail.To));
        Assert.DoesNotContain(mail.Subject, char.IsControl);
        Assert.Equal(mail.Subject, html.QuerySelector("h1")!.TextContent);

        // One link, written out, on Portal itself.
        Assert.Equal(Address.Host, mail.Action!.Url.Host);
        var links = html.QuerySelectorAll("a").Select(link => link.GetAttribute("href")).ToList();
        Assert.Equal([mail.Action.Url.AbsoluteUri, mail.Action.Url.AbsoluteUri], links);
        Assert.Equal([mail.Action.Url.AbsoluteUri], Links().Matches(text).Select(match => match.Value));
        Assert.Equal(mail.Action.Url.AbsoluteUri, html.QuerySelector("a.link")!.TextContent);

        // Every word and every amount.
        var shown = Spaces().Replace(html.Body!.TextContent, " ");
        foreach (var line in mail.Parts.SelectMany(Lines))
        {
            Assert.Contains(line, text, StringComparison.Ordinal);
            Assert.Contains(Spaces().Replace(line, " "), shown, StringComparison.Ordinal);
        }
        Assert.Equal(Amounts(text), Amounts(html.QuerySelector(".card")!.TextContent));
        Assert.Contains("You received this email because", text, StringComparison.Ordinal);
        Assert.Matches(@"[.!?:]$", mail.Parts.OfType<MailPart.Paragraph>().Last().Words);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Its_HTML_loads_nothing_and_needs_nothing(string kind)
    {
        var html = MailLayout.Html(UseCases.Library.Find(kind)!.Sample(Ada, Address), MailBrand.Default);
        var page = new HtmlParser().ParseDocument(html);
        Assert.Empty(page.QuerySelectorAll("img, script, link, iframe, object, form, table, [src], [onclick]"));
        Assert.DoesNotContain("url(", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("light dark", page.QuerySelector("meta[name=color-scheme]")!.GetAttribute("content"));
        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        // Gmail cuts off what is longer than 102 KB.
        Assert.InRange(html.Length, 1000, 20_000);
        // Colors stand on the elements; what turns them in the dark is a sheet.
        Assert.All(
            page.QuerySelectorAll("p.ink, h1, .card, a, li, p.quiet"),
            element => Assert.NotNull(element.GetAttribute("style") ?? element.ParentElement!.GetAttribute("style"))
        );
    }

    [Fact]
    public void The_zone_is_the_readers_own_then_the_organizations_and_else_UTC()
    {
        var at = new DateTimeOffset(2026, 7, 1, 22, 30, 0, TimeSpan.Zero);
        var ada = new Account(new(Guid.NewGuid()), "ada@example.com", true, false, at);
        var north = new Organization(new(Guid.NewGuid()), Slug.Create("north").Value, "North", at);
        Assert.Equal("July 1, 2026, 22:30 (UTC)", MailRecipient.Of(ada, north).Zone.Minute(at));
        Assert.Equal("July 1, 2026 (UTC)", MailRecipient.Of(ada, north).Zone.Day(at));
        north.MoveTo("America/New_York");
        Assert.Equal("July 1, 2026, 18:30 (America/New_York)", MailRecipient.Of(ada, north).Zone.Minute(at));
        Assert.Equal("July 1, 2026, 18:30 (America/New_York)", MailRecipient.Of("max@example.com", north).Zone.Minute(at));
        ada = ada with { TimeZone = "Europe/Berlin" };
        Assert.Equal("July 2, 2026, 00:30 (Europe/Berlin)", MailRecipient.Of(ada, north).Zone.Minute(at));
        Assert.Equal("July 2, 2026", MailRecipient.Of(ada, north).Zone.Day(at));
        Assert.Equal("July 1, 2026, 22:30 (UTC)", MailRecipient.Of(ada with { TimeZone = "Moon/Tycho" }).Zone.Minute(at));
    }

    [Theory]
    [InlineData("Asia/Calcutta", "January 15, 2026, 15:30 (Asia/Calcutta)")]
    [InlineData("Europe/Berlin", "January 15, 2026, 11:00 (Europe/Berlin)")]
    [InlineData("Africa/Abidjan", "January 15, 2026, 10:00 (Africa/Abidjan)")]
    [InlineData("Etc/UTC", "January 15, 2026, 10:00 (UTC)")]
    [InlineData("../../etc/passwd", "January 15, 2026, 10:00 (UTC)")]
    [InlineData(null, "January 15, 2026, 10:00 (UTC)")]
    public void A_zone_goes_by_the_name_that_the_browser_gave(string? id, string expected) =>
        Assert.Equal(expected, MailZone.Of(id).Minute(new(2026, 1, 15, 10, 0, 0, TimeSpan.Zero)));

    private static IEnumerable<string> Lines(MailPart part) =>
        part switch
        {
            MailPart.Facts facts => facts.Rows.Select(row => row.Value),
            MailPart.Items items => items.Lines,
            _ => [part.Plain],
        };

    /// <summary>Each once, however often a part repeats it.</summary>
    private static List<string> Amounts(string words) =>
        [.. Money().Matches(words).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"\bnew (Domain\.)?(Mails\.)?Mail\(")]
    private static partial Regex NewMail();

    [GeneratedRegex(@"static readonly MailTemplate<\w+> (\w+) =")]
    private static partial Regex Declared();

    [GeneratedRegex(@"https?://\S+")]
    private static partial Regex Links();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[$€£]\d[\d,.]*\d")]
    private static partial Regex Money();
}
