using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class TopicPage
{
    private static readonly (string Key, string Text)[] Sections = [("subscriptions", "Subscriptions"), ("messages", "Messages"), ("settings", "Settings")];
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private Loading<Topic> _topic = new Loading<Topic>.Pending();
    private Loading<TopicStats> _live = new Loading<TopicStats>.Pending();

    [Parameter] public string Org { get; set; } = "";

    [Parameter] public string Tenant { get; set; } = "";

    [Parameter] public string Namespace { get; set; } = "";

    [Parameter] public string Name { get; set; } = "";

    [SupplyParameterFromQuery] public string? Tab { get; set; }

    [Inject] public required GetTopic GetTopic { get; init; }

    [Inject] public required GetTopicLive GetTopicLive { get; init; }

    [Inject] public required RetryProvisioning RetryProvisioning { get; init; }

    private string Current => Sections.Any(section => section.Key == Tab) ? Tab! : Sections[0].Key;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _topic = await GetTopic.RunAsync(Actor, Org, Tenant, Namespace, Name, Leaving);
        // The first picture does not wait for a cluster: one that hangs would keep the whole page from the reader.
        if (RendererInfo.IsInteractive && _topic.ValueOrDefault is { State: ResourceState.Ready }) await LoadLiveAsync();
    }

    private async Task LoadLiveAsync() =>
        _live = Loading.Refresh(_live, await GetTopicLive.RunAsync(Actor, Org, Tenant, Namespace, Name, Leaving));

    private async Task RetryAsync()
    {
        await RetryProvisioning.RunAsync(Actor, Org, Tenant, Namespace, Name, Leaving);
        await LoadAsync();
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await GetTopic.RunAsync(Actor, Org, Tenant, Namespace, Name, cancellationToken);
        _topic = Loading.Refresh(_topic, found);
        var fine = found.IsOk;
        if (found is { IsOk: true, Value.State: ResourceState.Ready })
        {
            var live = await GetTopicLive.RunAsync(Actor, Org, Tenant, Namespace, Name, cancellationToken);
            _live = Loading.Refresh(_live, live);
            fine = live.IsOk;
        }
        StateHasChanged();
        return fine;
    }

    private static string Rate(double perSecond) => perSecond.ToString(perSecond is > 0 and < 10 ? "0.0" : "N0", Invariant);
}
