using System.Globalization;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// A topic's name inside its namespace: letters and digits of any script with their marks, and <c>- _ . : = @ ~</c>, 1 to
/// 200 characters, in Unicode's composed form: two spellings that look the same are one name.
/// Not <c>__…</c> (system topics), not <c>…-partition-…</c> (Pulsar refuses it in names of partitioned topics).
/// </summary>
public readonly record struct TopicName
{
    private TopicName(string value) => Value = value;

    public string Value { get; }

    public static Outcome<TopicName> Create(string? text)
    {
        // Before anything else: longer than that it is refused in either form.
        if (text is { Length: > 0 and <= 1000 })
            text = CanonicalText.Compose(text);
        if (string.IsNullOrEmpty(text) || text.Length > 200)
            return new Problem.Invalid("topic-name-length", "A topic's name must have 1 to 200 characters.", "name");
        if (text.StartsWith("__", StringComparison.Ordinal))
            return new Problem.Invalid(
                "topic-name-reserved",
                "A topic's name can't start with __. Pulsar reserves that for its system topics.",
                "name"
            );
        if (text.Contains("-partition-", StringComparison.Ordinal))
            return new Problem.Invalid(
                "topic-name-reserved",
                "A topic's name can't contain -partition-. Pulsar reserves that for partitions. Set the number of partitions instead.",
                "name"
            );
        return text is "." or ".." or "new" || !text.EnumerateRunes().All(Allowed)
            ? new Problem.Invalid(
                "topic-name-malformed",
                "A topic's name can contain letters, digits and - _ . : = @ ~, but no spaces, / or *.",
                "name"
            )
            : new TopicName(text);
    }

    /// <summary>Of a topic that the portal makes for itself and takes away again; no customer's can be called so.</summary>
    internal static TopicName OfPreview(string text) => new(text);

    private static bool Allowed(System.Text.Rune rune) =>
        System.Text.Rune.IsLetterOrDigit(rune)
        || System.Text.Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        || rune.IsAscii && "-_.:=@~".Contains((char)rune.Value, StringComparison.Ordinal);

    public override string ToString() => Value;
}

/// <summary>
/// A subscription's name. One that is made here is like a topic's; clients make them under any name, and what is there can
/// be handled whatever it is called.
/// </summary>
public readonly record struct SubscriptionName
{
    /// <summary>Where a topic keeps how far it was compacted.</summary>
    private const string Compaction = "__compaction";

    private SubscriptionName(string value) => Value = value;

    public string Value { get; }

    public static Outcome<SubscriptionName> Create(string? text) =>
        TopicName.Create(text) is { IsOk: true } name
            ? new SubscriptionName(name.Value.Value)
            : new Problem.Invalid(
                "subscription-name-malformed",
                "A subscription's name can have 1 to 200 letters, digits and - _ . : = @ ~ and can't start with __.",
                "name"
            );

    /// <summary>A name that a cluster lists: anything but nothing, and not Pulsar's own.</summary>
    public static Outcome<SubscriptionName> OfExisting(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return new Problem.Invalid("subscription-name-malformed", "Name the subscription.", "name");
        return text == Compaction
            ? new Problem.Invalid(
                "subscription-name-reserved",
                "Pulsar uses this subscription for compaction. It's deleted with its topic.",
                "name"
            )
            : new SubscriptionName(text);
    }

    public override string ToString() => Value;
}
