using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Tenants;

/// <summary>Namespaces of a tenant side by side, and the topics of the one that is open.</summary>
public partial class NamespacesTab
{
    private Loading<PageOf<NamespaceSummary>> _namespaces = new Loading<PageOf<NamespaceSummary>>.Pending();

    [Inject]
    public required ListNamespaces ListNamespaces { get; init; }

    [Inject]
    public required DeleteNamespace DeleteNamespace { get; init; }

    [Inject]
    public required RetryProvisioning RetryProvisioning { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required ISnackbar Snackbar { get; init; }

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required string Tenant { get; set; }

    [Parameter]
    public string? Namespace { get; set; }

    [Parameter]
    public string? After { get; set; }

    [Parameter]
    public string? Search { get; set; }

    private NamespaceSummary? Chosen =>
        _namespaces.ValueOrDefault is { } page
            ? page.Items.FirstOrDefault(item => item.Namespace.Name == Namespace) ?? (page.Items.Count > 0 ? page.Items[0] : null)
            : null;

    protected override Task OnInitializedAsync() => LoadAsync();

    // A tenant has at most a few dozen namespaces in every plan; more than a thousand would need a list of their own.
    private async Task LoadAsync() =>
        _namespaces = await ListNamespaces.RunAsync(Actor, Org, Tenant, new PageRequest(PageRequest.MaxLimit), Leaving);

    private string Address(string name) =>
        Navigation.GetUriWithQueryParameters(
            new Dictionary<string, object?>
            {
                ["namespace"] = name,
                ["after"] = null,
                ["search"] = null,
            }
        );

    private async Task CreateAsync()
    {
        var dialog = await Dialogs.ShowAsync<NewNamespaceDialog>(
            "New namespace",
            new DialogParameters<NewNamespaceDialog> { { opened => opened.Org, Org }, { opened => opened.Tenant, Tenant } }
        );
        if (await dialog.GetReturnValueAsync<Namespace>() is not { } made)
            return;
        await LoadAsync();
        Navigation.NavigateTo(Address(made.Name));
    }

    private async Task DeleteAsync(Namespace chosen)
    {
        var deleted = await Dialogs.ConfirmAsync(
            "Delete namespace",
            $"Every topic of {chosen.Path} goes with it, with all messages and the grants of its keys. This cannot be undone.",
            chosen.Name,
            "Delete namespace",
            async (force, cancellationToken) =>
                (await DeleteNamespace.RunAsync(Actor, Org, Tenant, chosen.Name, force, cancellationToken)).Problem,
            "Also where clients are connected, which disconnects them"
        );
        if (!deleted)
            return;
        Snackbar.Add($"Namespace {chosen.Name} is being deleted.");
        // To another one: this one's topics may be gone at the next look.
        await LoadAsync();
        Navigation.NavigateTo(
            _namespaces.ValueOrDefault?.Items.FirstOrDefault(item => item.Namespace.State != ResourceState.Deleting) is { } other
                ? Address(other.Namespace.Name)
                : Links.Tenant(Org, Tenant)
        );
    }

    private async Task RetryAsync(Namespace chosen)
    {
        await RetryProvisioning.RunAsync(Actor, Org, Tenant, chosen.Name, null, Leaving);
        await LoadAsync();
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await ListNamespaces.RunAsync(Actor, Org, Tenant, new PageRequest(PageRequest.MaxLimit), cancellationToken);
        _namespaces = Loading.Refresh(_namespaces, found);
        StateHasChanged();
        return found.IsOk;
    }
}
