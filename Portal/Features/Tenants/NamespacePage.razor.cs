using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Ui;

namespace Portal.Features.Tenants;

/// <summary>The policies of a namespace: what may be wished, with the plan's limit beside it, and what may not, with the reason.</summary>
public partial class NamespacePage
{
    private static readonly LimitKind[] SetByPlan =
    [
        LimitKind.TopicsPerNamespace,
        LimitKind.PartitionsPerTopic,
        LimitKind.ProducersPerTopic,
        LimitKind.ConsumersPerTopic,
        LimitKind.SubscriptionsPerTopic,
    ];

    private static readonly (SchemaCompatibility Value, string Text)[] Compatibilities =
    [
        (SchemaCompatibility.Backward, "Backward: new consumers read the last schema's messages"),
        (SchemaCompatibility.BackwardTransitive, "Backward transitive: new consumers read every earlier message"),
        (SchemaCompatibility.Forward, "Forward: consumers of the last schema read new messages"),
        (SchemaCompatibility.ForwardTransitive, "Forward transitive: every earlier consumer reads new messages"),
        (SchemaCompatibility.Full, "Full: backward and forward"),
        (SchemaCompatibility.FullTransitive, "Full transitive: backward and forward with every schema"),
        (SchemaCompatibility.AlwaysCompatible, "Always compatible: any schema is taken"),
        (SchemaCompatibility.AlwaysIncompatible, "Always incompatible: the schema can't change"),
    ];

    private Loading<NamespacePoliciesView> _policies = new Loading<NamespacePoliciesView>.Pending();
    private PolicyInputs _inputs = new(NamespaceWishes.None);
    private (string, string, string)? _shown;
    private Problem? _problem;
    private Dictionary<TypedAmount, string> _wrong = [];
    private bool _busy,
        _saved;

    [CascadingParameter]
    public OrganizationSummary? Organization { get; set; }

    [Inject]
    public required GetNamespacePolicies GetNamespacePolicies { get; init; }

    [Inject]
    public required SetNamespacePolicies SetNamespacePolicies { get; init; }

    [Parameter]
    public string Org { get; set; } = "";

    [Parameter]
    public string Tenant { get; set; } = "";

    [Parameter]
    public string Namespace { get; set; } = "";

    private bool ReadOnly =>
        Organization?.Access.Allows(Permission.ManageResources, new(Tenant, Namespace)) == false
        || _policies.ValueOrDefault?.Namespace.State == ResourceState.Deleting;

    // Once for a namespace: a page that renders again does not take back what is typed.
    protected override Task OnParametersSetAsync() => _shown == (Org, Tenant, Namespace) ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        _shown = (Org, Tenant, Namespace);
        (_problem, _saved, _wrong) = (null, false, []);
        _policies = await GetNamespacePolicies.RunAsync(Actor, Org, Tenant, Namespace, Leaving);
        if (_policies.ValueOrDefault is { } view)
            _inputs = new(view.Namespace.Wishes);
    }

    private async Task SaveAsync()
    {
        (_saved, _problem, _wrong) = (false, null, _inputs.Problems());
        if (_wrong.Count > 0)
            return;
        _busy = true;
        var saved = await SetNamespacePolicies.RunAsync(Actor, Org, Tenant, Namespace, _inputs.Read(), _inputs.Began, Leaving);
        (_busy, _saved, _problem) = (false, saved.IsOk, saved.Problem);
        if (!saved.IsOk)
            return;
        _policies = saved;
        _inputs = new(saved.Value.Namespace.Wishes);
    }

    /// <summary>What the cluster does is read again; what is typed stays.</summary>
    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await GetNamespacePolicies.RunAsync(Actor, Org, Tenant, Namespace, cancellationToken);
        _policies = Loading.Refresh(_policies, found);
        StateHasChanged();
        return found.IsOk;
    }

    private string? ErrorOf(TypedAmount amount) => _wrong.GetValueOrDefault(amount);

    private static string InForce(string? now, NamespacePoliciesView view, LimitKind kind) =>
        $"In force: {now ?? "no limit"}. "
        + $"{(view.Plan.Limits[kind] is { } most ? $"{view.Plan.Name} allows up to {kind.Words(most)}." : $"{view.Plan.Name} sets no limit.")}";

    private static string Words(LimitKind kind, long value) => kind.Words(value);

    private static string? Rate(int? messages) => messages is { } number ? LimitKind.MessagesPerSecond.Words(number) : null;

    private static string? Throughput(long? bytes) => bytes is { } number ? LimitKind.BytesPerSecond.Words(number) : null;
}
