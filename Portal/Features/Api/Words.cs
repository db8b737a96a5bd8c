using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Desired;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Domain.Usage;
using Portal.Domain.Work;
using Portal.Features.Accounts;
using Portal.Features.Usage;

namespace Portal.Features.Api;

/// <summary>The values that a text of the API can have, for the OpenAPI document. Named sets come from <see cref="IWords"/>.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal class OneOfAttribute(params string[] values) : Attribute
{
    public string[] Values { get; } = values;
}

/// <summary>The same, with the values of a set that stands in the domain.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal sealed class OneOfAttribute<TWords>() : OneOfAttribute(TWords.All)
    where TWords : IWords;

/// <summary>A set of values as scripts write them, read off the enumeration or the mapper that answers with them.</summary>
internal interface IWords
{
    static abstract string[] All { get; }
}

/// <summary>A text that holds an instant in ISO 8601, for the OpenAPI document.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class InstantAttribute : Attribute;

/// <summary>The request cannot do without it, for the OpenAPI document: the use case refuses what lacks it with a sentence.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class NeededAttribute : Attribute;

internal sealed class StateWords : IWords
{
    public static string[] All => [.. Enum.GetValues<ResourceState>().Select(state => state.Text()).Distinct()];
}

internal sealed class RoleNames : IWords
{
    public static string[] All => Words.Lower<Role>();
}

internal sealed class PlanWords : IWords
{
    public static string[] All => [.. Enum.GetValues<PlanCode>().Select(Plan.Text)];
}

internal sealed class LimitWords : IWords
{
    public static string[] All => [.. LimitKinds.All.Select(kind => kind.Text())];
}

internal sealed class PayByWords : IWords
{
    public static string[] All => [.. Enum.GetValues<PayBy>().Select(payBy => payBy.Text())];
}

internal sealed class MeterWords : IWords
{
    public static string[] All => [.. Meters.All.Select(meter => meter.Text())];
}

internal sealed class UnitWords : IWords
{
    public static string[] All => [.. Meters.All.Select(meter => meter.Unit()).Distinct()];
}

internal sealed class PriceUnitWords : IWords
{
    public static string[] All => [.. Enum.GetValues<PriceUnit>().Select(unit => unit.Text())];
}

internal sealed class IntervalWords : IWords
{
    public static string[] All => Words.Lower<UsageInterval>();
}

internal sealed class InvoiceStatusWords : IWords
{
    public static string[] All => [.. Enum.GetValues<InvoiceStatus>().Select(status => status.Text())];
}

internal sealed class InvoiceStageWords : IWords
{
    public static string[] All => Words.Lower<InvoiceStage>();
}

internal sealed class ArrearsNames : IWords
{
    public static string[] All => [.. Enum.GetValues<Arrears>().Select(stage => stage.Text())];
}

internal sealed class GapCauses : IWords
{
    public static string[] All => [.. Enum.GetValues<GapCause>().Select(cause => cause.Text())];
}

internal sealed class InvitationWords : IWords
{
    public static string[] All => Words.Lower<InvitationState>();
}

internal sealed class JobStateWords : IWords
{
    public static string[] All => ["running", "succeeded", "failed"];
}

internal sealed class SignInMethodWords : IWords
{
    public static string[] All => [.. Enum.GetValues<SignInMethod>().Select(method => method.Code())];
}

internal static class Words
{
    internal static string[] Lower<TEnum>()
        where TEnum : struct, Enum => [.. Enum.GetNames<TEnum>().Select(name => name.ToLowerInvariant())];
}

internal sealed class WorkStateWords : IWords
{
    public static string[] All => Words.Lower<WorkState>();
}

internal sealed class WorkWishWords : IWords
{
    public static string[] All => Words.Lower<WorkWish>();
}

internal sealed class FindingWords : IWords
{
    public static string[] All => Words.Lower<FindingState>();
}

internal sealed class DifferenceWords : IWords
{
    public static string[] All => [.. Enum.GetValues<DifferenceKind>().Select(Of)];

    public static string Of(DifferenceKind kind) => $"{char.ToLowerInvariant($"{kind}"[0])}{$"{kind}"[1..]}";
}
