using System.Text.RegularExpressions;

namespace Portal.Domain.Migration;

/// <summary>What the rules make of topics, one by one and without looking anywhere.</summary>
internal sealed class TopicMapping
{
    private readonly string _tenant;
    private readonly IReadOnlyList<(MappingRule Rule, Regex? Expression)> _rules;

    /// <param name="tenant">Of the migration: where a rule that names none leads to.</param>
    internal TopicMapping(string tenant, IReadOnlyList<MappingRule> rules) => (_tenant, _rules) = (tenant, [.. rules.Select(rule => (rule, rule.Expression()))]);

    /// <summary>A target, or why the topic stays. What no rule matches stays.</summary>
    internal (MappingTarget? Target, StayReason? Stays) Of(string topic, bool isInternal)
    {
        if (isInternal) return (null, StayReason.Internal);
        foreach (var (rule, expression) in _rules)
        {
            if (rule.NameOf(topic, expression) is not { } name) continue;
            return rule.Namespace is { } inside ? (new(rule.Tenant ?? _tenant, inside, name), null) : (null, StayReason.ByRule);
        }
        return (null, StayReason.ByRule);
    }
}
