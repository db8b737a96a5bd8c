using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class TestMessagePanel
{
    /// <summary>What the message says.</summary>
    internal const string Payload = "Test message from Portal";

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private readonly Dictionary<string, TimeSpan> _done = [];
    private CancellationTokenSource? _looking;
    private string? _sent;
    private DateTimeOffset _at;
    private IReadOnlyList<Acknowledgement>? _found;
    private bool _sending;
    private bool _watching;
    private Problem? _problem;

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    [Inject]
    public required SendMessage SendMessage { get; init; }

    [Inject]
    public required WatchAcknowledgements WatchAcknowledgements { get; init; }

    [Inject]
    public required IHostApplicationLifetime Lifetime { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    /// <summary>It is looked once a second, so less than that is not known.</summary>
    private static string Took(TimeSpan took) =>
        took < TimeSpan.FromSeconds(2)
            ? "within 2 s"
            : string.Create(CultureInfo.InvariantCulture, $"after about {took.TotalSeconds:N0} s");

    private void Stop() => _looking?.Cancel();

    private async Task SendAsync()
    {
        if (_sending)
            return;
        Stop();
        _done.Clear();
        (_sending, _sent, _found, _problem) = (true, null, null, null);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Leaving, Lifetime.ApplicationStopping);
        _looking = over;
        try
        {
            var sent = await SendMessage.RunAsync(
                Actor,
                Org,
                Topic.TenantName,
                Topic.NamespaceName,
                Topic.Name,
                new(System.Text.Encoding.UTF8.GetBytes(Payload), null, new Dictionary<string, string>()),
                over.Token
            );
            (_sending, _problem, _sent, _at) = (false, sent.Problem, sent.IsOk ? sent.Value : null, Clock.GetUtcNow());
            if (_sent is not null)
                await WatchAsync(_sent, over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Stopped, sent again, the page was left, or the portal stops.
        }
        finally
        {
            if (_looking == over)
                (_looking, _watching, _sending) = (null, false, false);
            if (!Leaving.IsCancellationRequested)
                StateHasChanged();
        }
    }

    private async Task WatchAsync(string sent, CancellationTokenSource over)
    {
        if (
            !(await WatchAcknowledgements.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, sent, over.Token)).TryGet(
                out var watch,
                out var problem
            )
        )
        {
            _problem = problem;
            return;
        }
        _watching = true;
        var until = Clock.GetUtcNow() + ClientMessageWait.Longest;
        while (_looking == over && Clock.GetUtcNow() < until)
        {
            StateHasChanged();
            if (!(await watch.NextAsync(until - Clock.GetUtcNow(), over.Token)).TryGet(out var found, out problem))
            {
                _problem = problem;
                return;
            }
            if (_looking != over)
                return;
            _found = found;
            foreach (var one in found.Where(one => one.IsDone))
                _done.TryAdd(one.Subscription, Clock.GetUtcNow() - _at);
            if (found.Count > 0 && found.All(one => one.IsDone))
                return;
        }
    }
}
