using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Credentials;

public partial class NewKeyDialog
{
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);
    private Loading<PageOf<NamespaceSummary>> _namespaces = new Loading<PageOf<NamespaceSummary>>.Pending();
    private IReadOnlyList<string> _topics = [];
    private string _name = "";
    private string? _namespace;
    private bool _produce = true;
    private bool _consume = true;
    private bool _all = true;
    private bool _patterns;
    private int _days;
    private bool _busy;
    private NewKey? _made;
    private Problem? _problem;

    [CascadingParameter] public required IMudDialogInstance Dialog { get; set; }

    [Parameter, EditorRequired] public required string Org { get; set; }

    [Parameter, EditorRequired] public required string Tenant { get; set; }

    [Inject] public required CreateKey CreateKey { get; init; }

    [Inject] public required ListNamespaces ListNamespaces { get; init; }

    [Inject] public required ListTopics ListTopics { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    /// <summary>A topic of the namespace that is chosen to begin with.</summary>
    [Parameter] public string? Namespace { get; set; }

    [Parameter] public string? Topic { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _namespaces = await ListNamespaces.RunAsync(Actor, Org, Tenant, new PageRequest(PageRequest.MaxLimit), Leaving);
        var names = (_namespaces.ValueOrDefault?.Items ?? []).Select(item => item.Namespace.Name).ToList();
        _namespace = names.Contains(Namespace ?? "") ? Namespace : names.FirstOrDefault();
        await LoadTopicsAsync();
        if (Topic is not null && _namespace == Namespace && _topics.Contains(Topic))
        {
            _all = false;
            _chosen.Add(Topic);
        }
    }

    private Task ChooseAsync(ChangeEventArgs change)
    {
        _namespace = change.Value?.ToString();
        _chosen.Clear();
        return LoadTopicsAsync();
    }

    private async Task LoadTopicsAsync()
    {
        if (_namespace is null) return;
        var found = await ListTopics.RunAsync(Actor, Org, Tenant, _namespace, new PageRequest(PageRequest.MaxLimit), Leaving);
        _topics = found.IsOk ? [.. found.Value.Items.Select(topic => topic.Name)] : [];
    }

    private void Toggle(string topic)
    {
        if (!_chosen.Remove(topic)) _chosen.Add(topic);
    }

    private async Task CreateAsync()
    {
        _busy = true;
        var permissions = (_produce ? KeyPermissions.Produce : KeyPermissions.None) | (_consume ? KeyPermissions.Consume : KeyPermissions.None);
        var request = new KeyRequest(
            _name, Tenant, _namespace, _all ? null : [.. _chosen], _patterns && _consume, permissions, _days == 0 ? null : Clock.Now().AddDays(_days));
        var made = await CreateKey.RunAsync(Actor, Org, request, Leaving);
        (_busy, _problem, _made) = (false, made.Problem, made.IsOk ? made.Value : null);
    }

    /// <summary>What was wrong with the field was wrong with what stood in it.</summary>
    private void Changed()
    {
        if (ErrorOf("name") is not null) _problem = null;
    }

    private string? ErrorOf(string field) => _problem is Problem.Invalid { Field: var invalid } && invalid == field ? _problem.Message : null;
}
