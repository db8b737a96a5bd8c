using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

/// <summary>Sentences that once stood on pages and in answers, were rewritten, and may not come back.</summary>
public sealed class WordingTests
{
    private static readonly string[] Rewritten =
    [
        "Every number leads to the broker counters",
        "Nothing is here yet",
        "Nothing does.",
        "Invite somebody",
        "Nobody is invited",
        "Let an application in",
        "Holds with the next thing they do",
        "The new password holds",
        "The old ones are void then",
        "may be read once. It is not kept here",
        "It is our fault and was recorded",
        "write to and read from topics",
        "What this choice costs",
        "And what flows through it",
        "Until a book holds",
        "Use another card",
        "A higher plan holds at once",
        "Where to connect",
        "This page could not be woken",
        "Long work goes on when",
        "what strangers were refused",
        "Look into your mail",
        "Make the operator's account",
        "Make the account",
        "You have one? Sign in",
        "You belong to no organization",
        "To the start",
        "Present password",
        "Name of a new one",
        "A code of an authenticator app beside",
        "By the price book",
        "It begins when a card is there",
        "begins when a card is there",
        " address name",
        "once an hour is metered",
        "The broker takes it",
        "You are no member any more",
        "What each cluster answers now",
        "what was seen and is nobody's bill",
        "Who comes for the first time is",
        "an account rests for",
        "the account rests for",
        "Reads, but no messages",
        "Nobody listens yet",
        "because you let it",
        "Joining again",
        "Tell the provider",
        "pace of late",
        "Choose one by mail",
        "needs one of the roles",
        "Your role does not change",
        "It takes the role",
        "Given once",
        ", given once",
        "name is free",
        "Leave it out to use",
        "Viewing as a customer is for reading",
        "<legend class=\"label\">May<",
        "<legend class=\"label\">On<",
        ">Opens<",
        "Title=\"Lanes\"",
        "authenticate with an API key",
    ];

    [Fact]
    public void What_was_rewritten_stays_away()
    {
        var found =
            from file in Repository.Sources("Portal", ".razor", ".cs").Concat(Repository.Sources("Portal.Domain", ".cs"))
            from line in Repository.Lines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from phrase in Rewritten
            where line.Contains(phrase, StringComparison.OrdinalIgnoreCase)
            select $"{file}: {phrase}";
        Assert.Empty(found);
    }
}
