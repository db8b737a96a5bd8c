using System.Text;

namespace Portal.Domain.Mails;

/// <summary>
/// A kind of email: when it is written, and how, from a model of its own. Each feature has its templates in one place;
/// <see cref="MailLibrary"/> has all of them.
/// </summary>
public abstract class MailTemplate
{
    /// <summary>As it is kept, for example <c>account.verify</c>. Never changes.</summary>
    public required string Kind { get; init; }

    /// <summary>As the operator's list shows it.</summary>
    public required string Title { get; init; }

    /// <summary>When it is sent and to whom, a sentence for operators.</summary>
    public required string When { get; init; }

    /// <summary>Completes "You received this email because …".</summary>
    public required string Because { get; init; }

    /// <summary>With made-up data: for the operator's preview and for tests.</summary>
    /// <param name="portal">Where the sample's links lead; none of them opens anything.</param>
    public abstract Mail Sample(MailRecipient to, Uri portal);

    private protected Mail Finish(MailRecipient to, MailDraft draft) =>
        new(
            Kind,
            to.Address,
            MailWords.Line(draft.Subject),
            [.. draft.Parts, new MailPart.Note($"You received this email because {Because}.")],
            draft.Action
        );
}

public sealed class MailTemplate<TModel> : MailTemplate
{
    public required Func<TModel, MailZone, MailDraft> Compose { get; init; }

    public required Func<Uri, TModel> SampleOf { get; init; }

    public Mail Write(MailRecipient to, TModel model) => Finish(to, Compose(model, to.Zone));

    public override Mail Sample(MailRecipient to, Uri portal) => Write(to, SampleOf(portal));
}

/// <summary>What a template says, before it is addressed.</summary>
public sealed class MailDraft
{
    private readonly List<MailPart> _parts = [];

    /// <param name="words">The first paragraph, or several with an empty line between them.</param>
    public MailDraft(string subject, string words)
    {
        Subject = subject;
        foreach (var paragraph in words.Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            _parts.Add(new MailPart.Paragraph(paragraph));
    }

    internal string Subject { get; }

    internal IReadOnlyList<MailPart> Parts => _parts;

    internal MailAction? Action { get; private set; }

    /// <summary>Those without a value are left out.</summary>
    public MailDraft Facts(params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var rows = new List<MailFact>();
        foreach (var (name, value) in facts)
            if (!string.IsNullOrEmpty(value))
                rows.Add(new(name, MailWords.Line(value)));
        if (rows.Count > 0)
            _parts.Add(new MailPart.Facts(rows));
        return this;
    }

    /// <summary>So many, and how many more there are.</summary>
    public MailDraft Items(IReadOnlyList<string> lines)
    {
        const int most = 50;
        if (lines.Count == 0)
            return this;
        _parts.Add(
            new MailPart.Items([
                .. lines.Take(most).Select(MailWords.Line),
                .. lines.Count > most ? [$"and {lines.Count - most} more"] : Array.Empty<string>(),
            ])
        );
        return this;
    }

    public MailDraft Button(string text, Uri url)
    {
        Action = new(text, url);
        return this;
    }

    public MailDraft Note(string words)
    {
        _parts.Add(new MailPart.Note(words));
        return this;
    }
}

/// <summary>Every kind of email that the portal writes, in the order of the operator's list.</summary>
public sealed class MailLibrary(IReadOnlyList<MailTemplate> templates)
{
    public IReadOnlyList<MailTemplate> Templates { get; } = templates;

    public MailTemplate? Find(string? kind) => Templates.FirstOrDefault(template => template.Kind == kind);
}

/// <summary>What samples have in common.</summary>
internal static class MailSamples
{
    public static readonly DateTimeOffset At = new(2026, 11, 12, 14, 5, 0, TimeSpan.Zero);
}

internal static class MailWords
{
    private const int LongestLine = 200;

    /// <summary>
    /// On one line, without what breaks or turns it: a line break in a subject would be a header of its own, and an override
    /// of the direction shows other words than are there.
    /// </summary>
    public static string Line(string words)
    {
        var line = new StringBuilder(Math.Min(words.Length, LongestLine));
        foreach (var rune in words.EnumerateRunes())
        {
            if (rune.Value is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069 or 0x200E or 0x200F or 0x061C or 0xFFFD)
                continue;
            if (!Rune.IsControl(rune) && rune.Value is not (0x2028 or 0x2029))
                line.Append(rune);
            else if (line.Length > 0 && line[^1] != ' ')
                line.Append(' ');
            if (line.Length >= LongestLine)
                return line.ToString().TrimEnd() + "…";
        }
        return line.ToString().Trim();
    }
}
