using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Usage;
using Portal.Ui;

namespace Portal.Shell;

public partial class MainLayout : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private CancellationToken _left;
    private ErrorBoundary? _boundary;
    private OrganizationSummary? _organization;
    private Freshness? _metered;
    private PortalStatus? _status;
    private string? _slug;

    // The organization of the address is not theirs, or not any more.
    private bool _refused;

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required Installation Installation { get; init; }

    [Inject]
    public required GetOrganizationSummary GetOrganizationSummary { get; init; }

    [Inject]
    public required GetCompleteTo GetCompleteTo { get; init; }

    [Inject]
    public required GetStatus GetStatus { get; init; }

    [CascadingParameter]
    public required Actor Actor { get; set; }

    private string Here => Navigation.ToBaseRelativePath(Navigation.Uri).Split('#')[0];

    protected override async Task OnInitializedAsync()
    {
        _left = _leaving.Token;
        Navigation.LocationChanged += OnMoved;
        await LoadAsync();
    }

    public void Dispose()
    {
        Navigation.LocationChanged -= OnMoved;
        _leaving.Cancel();
        _leaving.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The organization of an address below <c>/o/{org}</c>.</summary>
    internal static string? SlugOf(string relativeUri)
    {
        var parts = relativeUri.Split('?', '#')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts is ["o", var slug, ..] ? Uri.UnescapeDataString(slug) : null;
    }

    private void OnMoved(object? sender, LocationChangedEventArgs moved)
    {
        _boundary?.Recover();
        _ = InvokeAsync(async () =>
        {
            await LoadAsync();
            StateHasChanged();
        });
    }

    private async Task LoadAsync()
    {
        var slug = SlugOf(Navigation.ToBaseRelativePath(Navigation.Uri));
        if (slug != _slug)
            (_slug, _organization, _metered, _status, _refused) = (slug, null, null, null, false);
        if (slug is null || Actor.AccountId is null || _left.IsCancellationRequested)
            return;
        await LookAsync(_left);
    }

    /// <summary>At every change too: whoever was removed, or has another role now, is offered no more than they may.</summary>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (_slug is not { } slug)
            return true;
        var found = await GetOrganizationSummary.RunAsync(Actor, slug, cancellationToken);
        // A page whose organization cannot be read says so itself; the frame then only has no counts.
        if (_slug == slug)
            (_organization, _refused) = (found.IsOk ? found.Value : null, !found.IsOk);
        if (found.IsOk)
            return await MeterAsync(slug, cancellationToken);
        StateHasChanged();
        return true;
    }

    private async Task<bool> MeterAsync(string slug, CancellationToken cancellationToken)
    {
        var completeTo = await GetCompleteTo.RunAsync(Actor, slug, cancellationToken);
        var status = await GetStatus.RunAsync(Actor, cancellationToken);
        if (_slug == slug && completeTo.IsOk)
            _metered = completeTo.Value;
        if (_slug == slug && status.IsOk)
            _status = status.Value;
        StateHasChanged();
        return completeTo.IsOk;
    }

    /// <summary>While the organization is not known yet, everything: places that come and go make the eye jump.</summary>
    private bool Sees(Permission permission) => _organization is null ? !_refused : _organization.Access.Allows(permission, Scope.Anywhere);

    /// <summary>The places of the side bar, which a phone does not have; those that people are at most often come first.</summary>
    private IReadOnlyList<PhoneBar.BarPlace> PhonePlaces
    {
        get
        {
            var resources = Sees(Permission.ViewResources);
            return
            [
                new(At(""), IconName.Home, "Home", Exact: true),
                .. resources ? [new(At("/tenants"), IconName.Tenants, "Tenants")] : Array.Empty<PhoneBar.BarPlace>(),
                new(At("/usage"), IconName.Usage, "Usage"),
                .. Sees(Permission.ViewBilling) ? [new(At("/billing"), IconName.Billing, "Billing")] : Array.Empty<PhoneBar.BarPlace>(),
                .. resources ? [new(At("/migrations"), IconName.Migration, "Migrations")] : Array.Empty<PhoneBar.BarPlace>(),
                new(At("/settings/general"), IconName.Settings, "Settings", At("/settings")),
            ];
        }
    }

    private void Recover() => _boundary?.Recover();

    private string At(string path) => $"o/{Uri.EscapeDataString(_slug ?? "")}{path}";
}
