using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Migration;

/// <summary>Which topics a rule is about; written <c>all</c>, <c>prefix</c>, <c>regex</c>.</summary>
public enum RuleKind
{
    All,
    Prefix,
    Regex,
}

/// <summary>What becomes of topics whose names match. The first rule that matches decides.</summary>
/// <param name="Kind">As <see cref="RuleWords"/> writes it, so that rules are kept as scripts read them.</param>
/// <param name="Pattern">The prefix, or the regular expression that the whole name has to match; null for all.</param>
/// <param name="Tenant">Null for the migration's own.</param>
/// <param name="Namespace">Null for topics that stay.</param>
/// <param name="Name">How the topic is called: <c>{name}</c> is its whole name, <c>{rest}</c> what follows the prefix, <c>$1</c> a group of
/// the expression. Null keeps the name.</param>
public sealed record MappingRule(string Kind, string? Pattern, string? Tenant, string? Namespace, string? Name)
{
    public const int MostRules = 50;
    private const int LongestPattern = 300;

    // Beyond what Kafka or Pulsar takes, so it is refused as too long, and not kept as long as groups of groups can make it.
    private const int LongestName = 300;

    // An expression that people write needs microseconds for a name of Kafka's at most 249 characters.
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(50);

    public static MappingRule Everything(string @namespace) => new("all", null, null, @namespace, null);

    public bool Stays => Namespace is null;

    /// <summary>What is wrong with the rule itself; null when nothing is.</summary>
    /// <param name="position">From 0, for the field that is named.</param>
    internal Problem.Invalid? Refusal(int position)
    {
        var at = $"rules[{position}]";
        if (!RuleWords.TryKind(Kind, out var kind))
            return new("mapping-rule-kind", "A rule is about all topics, a prefix or a regex.", $"{at}.kind");
        if (kind != RuleKind.All && (string.IsNullOrEmpty(Pattern) || Pattern.Length > LongestPattern))
            return new(
                "mapping-rule-pattern",
                $"Enter a prefix or regular expression of 1 to {LongestPattern} characters.",
                $"{at}.pattern"
            );
        if (kind == RuleKind.Regex && Expression() is null)
            return new(
                "mapping-rule-pattern",
                "This isn't a regular expression that Portal supports. Lookarounds and back-references aren't.",
                $"{at}.pattern"
            );
        if (Name is { Length: 0 or > LongestPattern })
            return new(
                "mapping-rule-name",
                "Leave the new name out to keep the topic's name, or use {name}, {rest} or $1 in it.",
                $"{at}.name"
            );
        if (Namespace is { } wanted && NamespaceName.Create(wanted).Problem is { } refused)
            return new(refused.Code, refused.Message, $"{at}.namespace");
        return null;
    }

    /// <summary>The name that a matching topic gets; null when it does not match.</summary>
    /// <param name="expression">Of a regex rule, from <see cref="Expression"/>.</param>
    internal string? NameOf(string topic, Regex? expression)
    {
        RuleWords.TryKind(Kind, out var kind);
        switch (kind)
        {
            case RuleKind.All:
                return Filled(topic, topic);
            case RuleKind.Prefix:
                return topic.StartsWith(Pattern!, StringComparison.Ordinal) ? Filled(topic, topic[Pattern!.Length..]) : null;
            default:
                if (expression?.Match(topic) is not { Success: true } match)
                    return null;
                return Name is null ? topic : Cut(match.Result(Name.Replace("{name}", "$0", StringComparison.Ordinal)));
        }
    }

    private string Filled(string topic, string rest) =>
        Name is null
            ? topic
            : Cut(Name.Replace("{name}", topic, StringComparison.Ordinal).Replace("{rest}", rest, StringComparison.Ordinal));

    private static string Cut(string name) => name.Length > LongestName ? name[..LongestName] : name;

    /// <summary>
    /// Null for other rules, and for what is no expression of the kind that matches in linear time. It is matched by
    /// backtracking all the same, with a limit: linear in the name's length is not cheap, and the automaton of
    /// <c>.*a.{80}</c> keeps megabytes of states for each name, for as long as the expression lives.
    /// </summary>
    /// <exception cref="RegexMatchTimeoutException">From its matches, which take 50 ms at most.</exception>
    internal Regex? Expression()
    {
        if (Kind != "regex")
            return null;
        try
        {
            var whole = $@"\A(?:{Pattern})\z";
            _ = new Regex(whole, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            return new Regex(whole, RegexOptions.CultureInvariant, MatchLimit);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}

public static class RuleWords
{
    public static string Text(this RuleKind kind) =>
        kind switch
        {
            RuleKind.All => "all",
            RuleKind.Prefix => "prefix",
            RuleKind.Regex => "regex",
        };

    public static bool TryKind(string? text, out RuleKind kind)
    {
        foreach (var one in Enum.GetValues<RuleKind>())
        {
            if (one.Text() != text)
                continue;
            kind = one;
            return true;
        }
        kind = default;
        return false;
    }
}

/// <summary>Where a topic goes, as it was asked for: the name may be one that is refused.</summary>
public sealed record MappingTarget(string Tenant, string Namespace, string Name)
{
    public string Path => $"{Tenant}/{Namespace}/{Name}";
}
