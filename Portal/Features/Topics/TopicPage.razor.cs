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
    private static readonly (string Key, string Text)[] Sections =
    [
        ("overview", "Overview"),
        ("subscriptions", "Subscriptions"),
        ("messages", "Messages"),
        ("schema", "Schema"),
        ("settings", "Settings"),
    ];
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private Loading<Topic> _topic = new Loading<Topic>.Pending();
    private Loading<TopicStats> _live = new Loading<TopicStats>.Pending();
    private DateTimeOffset _seenAt;
    private FollowTopic? _follow;

    [Parameter]
    public string Org { get; set; } = "";

    [Parameter]
    public string Tenant { get; set; } = "";

    [Parameter]
    public string Namespace { get; set; } = "";

    [Parameter]
    public string Name { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? Tab { get; set; }

    [SupplyParameterFromQuery]
    public string? Subscription { get; set; }

    /// <summary>Of the schema; text, as people edit addresses.</summary>
    [SupplyParameterFromQuery]
    public string? Version { get; set; }

    [SupplyParameterFromQuery]
    public string? With { get; set; }

    [Inject]
    public required GetTopic GetTopic { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Inject]
    public required RetryProvisioning RetryProvisioning { get; init; }

    private string Current => Sections.Any(section => section.Key == Tab) ? Tab! : Sections[0].Key;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync() => _topic = await GetTopic.RunAsync(Actor, Org, Tenant, Namespace, Name, Leaving);

    /// <summary>
    /// What was seen last stays, with its time, whatever the next look brings: brokers that go answer with more than outages.
    /// Whether the topic itself is gone is in its row, which says so when the cluster was asked twice.
    /// </summary>
    private void Show(Outcome<TopicStats> look)
    {
        if (look.IsOk)
            _seenAt = Clock.GetUtcNow();
        _live = _live is Loading<TopicStats>.Ready shown && look.Problem is { } problem ? shown with { Stale = problem } : look;
    }

    private Problem? Stale => (_live as Loading<TopicStats>.Ready)?.Stale;

    private bool IsGone => Stale is { Code: "topic-not-on-cluster" };

    private Task LookNowAsync() => _follow?.LookNowAsync() ?? Task.CompletedTask;

    private async Task RetryAsync()
    {
        await RetryProvisioning.RunAsync(Actor, Org, Tenant, Namespace, Name, Leaving);
        await LoadAsync();
    }

    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await GetTopic.RunAsync(Actor, Org, Tenant, Namespace, Name, cancellationToken);
        _topic = Loading.Refresh(_topic, found);
        StateHasChanged();
        return found.IsOk;
    }

    /// <summary>Null for what is no version.</summary>
    private static long? Number(string? text) => long.TryParse(text, NumberStyles.None, Invariant, out var number) ? number : null;

    private bool IsEmpty => _live.ValueOrDefault is { IsEmpty: true };

    private static long Backlog(TopicStats live) => live.Subscriptions.Sum(one => one.Backlog);
}
