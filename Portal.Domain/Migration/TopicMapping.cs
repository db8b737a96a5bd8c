using System.Text.RegularExpressions;

namespace Portal.Domain.Migration;

/// <summary>
/// What the rules make of topics, one by one and without looking anywhere. Never inside a transaction: customers write the
/// expressions, and the time that those take is everybody's there.
/// </summary>
internal sealed class TopicMapping
{
    // With the limit of one match, what one mapping costs at worst: a second.
    private const int MostTooSlow = 20;

    private readonly string _tenant;
    private readonly IReadOnlyList<(MappingRule Rule, Regex? Expression)> _rules;
    private int _tooSlow;

    /// <param name="tenant">Of the migration: where a rule that names none leads to.</param>
    internal TopicMapping(string tenant, IReadOnlyList<MappingRule> rules) =>
        (_tenant, _rules) = (tenant, [.. rules.Select(rule => (rule, rule.Expression()))]);

    /// <summary>A target, or why the topic stays. What no rule matches stays.</summary>
    internal (MappingTarget? Target, StayReason? Stays) Of(string topic, bool isInternal)
    {
        if (isInternal)
            return (null, StayReason.Internal);
        foreach (var (rule, expression) in _rules)
        {
            if (expression is not null && _tooSlow >= MostTooSlow)
                return (null, StayReason.RuleTooSlow);
            string? name;
            try
            {
                name = rule.NameOf(topic, expression);
            }
            catch (RegexMatchTimeoutException)
            {
                _tooSlow++;
                return (null, StayReason.RuleTooSlow);
            }
            if (name is null)
                continue;
            return rule.Namespace is { } inside ? (new(rule.Tenant ?? _tenant, inside, name), null) : (null, StayReason.ByRule);
        }
        return (null, StayReason.ByRule);
    }
}
