using System.Text.Json.Serialization;

namespace Portal.Domain.Mails;

/// <summary>
/// An email to one person, in parts. <see cref="MailLayout"/> makes its plain text and its HTML of the same parts, so the
/// two can't say different things. Written by a <see cref="MailTemplate"/> and nothing else.
/// </summary>
/// <param name="Kind">Of the template that wrote it.</param>
/// <param name="Subject">One line.</param>
/// <param name="Action">The one link the email is about, or null.</param>
public sealed record Mail(string Kind, string To, string Subject, IReadOnlyList<MailPart> Parts, MailAction? Action)
{
    public Uri? ActionUrl => Action?.Url;

    public string? ActionText => Action?.Text;

    /// <summary>The words without the link.</summary>
    public string Body => string.Join("\n\n", Parts.Select(part => part.Plain));
}

/// <param name="Text">On the button: a verb and its object.</param>
/// <param name="Url">Under <c>Portal:PublicUrl</c>.</param>
public sealed record MailAction(string Text, Uri Url);

/// <summary>A figure with its name.</summary>
public sealed record MailFact(string Name, string Value);

/// <summary>A part of an email. Words are plain: nothing in them is markup, whoever wrote them.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "part")]
[JsonDerivedType(typeof(Paragraph), "paragraph")]
[JsonDerivedType(typeof(Facts), "facts")]
[JsonDerivedType(typeof(Items), "items")]
[JsonDerivedType(typeof(Note), "note")]
public abstract record MailPart
{
    private MailPart() { }

    [JsonIgnore]
    public abstract string Plain { get; }

    public sealed record Paragraph(string Words) : MailPart
    {
        public override string Plain => Words;
    }

    /// <summary>Names and figures below each other.</summary>
    public sealed record Facts(IReadOnlyList<MailFact> Rows) : MailPart
    {
        public override string Plain => string.Join('\n', Rows.Select(row => $"{row.Name}: {row.Value}"));
    }

    public sealed record Items(IReadOnlyList<string> Lines) : MailPart
    {
        public override string Plain => string.Join('\n', Lines.Select(line => $"- {line}"));
    }

    /// <summary>Small, behind the button: what to do if it wasn't you, and why you got this.</summary>
    public sealed record Note(string Words) : MailPart
    {
        public override string Plain => Words;
    }
}
