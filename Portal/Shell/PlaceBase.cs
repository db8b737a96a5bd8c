using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Portal.Ui;

namespace Portal.Shell;

/// <summary>A place of the navigation, which knows whether one is there.</summary>
public abstract class PlaceBase : ComponentBase, IDisposable
{
    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Parameter, EditorRequired]
    public required string Href { get; set; }

    [Parameter, EditorRequired]
    public required IconName Icon { get; set; }

    [Parameter, EditorRequired]
    public required string Text { get; set; }

    /// <summary>Here only at this very address, not below it.</summary>
    [Parameter]
    public bool Exact { get; set; }

    /// <summary>The addresses that belong to this place, where <see cref="Href"/> is only one of them.</summary>
    [Parameter]
    public string? Under { get; set; }

    protected bool IsHere => IsAt(Navigation, Href, Under, Exact);

    internal static bool IsAt(NavigationManager navigation, string href, string? under, bool exact)
    {
        var path = navigation.ToBaseRelativePath(navigation.Uri).Split('?', '#')[0].TrimEnd('/');
        var mine = (under ?? href).TrimEnd('/');
        return path == mine || !exact && path.StartsWith(mine + "/", StringComparison.Ordinal);
    }

    protected override void OnInitialized() => Navigation.LocationChanged += OnMoved;

    public void Dispose()
    {
        Navigation.LocationChanged -= OnMoved;
        GC.SuppressFinalize(this);
    }

    private void OnMoved(object? sender, LocationChangedEventArgs moved) => _ = InvokeAsync(StateHasChanged);
}
