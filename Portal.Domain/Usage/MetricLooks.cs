using Portal.Domain.Access;
using Portal.Domain.Tenants;

namespace Portal.Domain.Usage;

/// <summary>
/// The pictures of clusters that scrapes of customers' metrics share. However many scrape, a cluster is asked once every
/// <see cref="Every"/> on this replica, and not at all while nobody scrapes.
/// </summary>
public sealed class MetricLooks(IBrokerStatistics brokers, ITopicFigures figures, IPortalDatabase database, TimeProvider clock)
{
    /// <summary>
    /// Between two looks at a cluster. Brokers refresh what they say once a minute unless they are told to do it more often.
    /// </summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>How long a scrape waits for a cluster: Prometheus gives up after ten seconds unless it is told otherwise.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>While a cluster takes longer than that, its last picture is shown, up to this age.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromMinutes(2);

    /// <summary>Topics and subscriptions of a cluster that are held, together.</summary>
    internal const int Room = 400_000;

    private static readonly TimeSpan PerBroker = TimeSpan.FromSeconds(30);

    /// <summary>A picture that nobody asked for so long is let go.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Look> _looks = new(StringComparer.Ordinal);

    /// <summary>The newest picture, at most <see cref="Every"/> old; without rows when the cluster does not answer.</summary>
    internal async Task<MetricPicture> OfAsync(string cluster, CancellationToken cancellationToken)
    {
        Task<MetricPicture> running;
        MetricPicture? newest;
        lock (_gate)
        {
            foreach (
                var (name, idle) in _looks
                    .Where(one => one.Value.Running is null && clock.GetElapsedTime(one.Value.AskedAt) > KeptFor)
                    .ToList()
            )
                _looks.Remove(name);
            if (!_looks.TryGetValue(cluster, out var look))
                _looks[cluster] = look = new Look();
            look.AskedAt = clock.GetTimestamp();
            newest = look.Newest;
            if (newest is not null && look.Running is null && clock.GetElapsedTime(look.TakenAt) < Every)
                return newest;
            // Not on behalf of whoever asked first: the others wait for it too.
            running = look.Running ??= Task.Run(() => RunAsync(cluster, look), CancellationToken.None);
        }
        try
        {
            return await running.WaitAsync(Patience, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            return newest?.TakenAt is { } at && clock.GetUtcNow() - at < Oldest ? newest : MetricPicture.None;
        }
    }

    private async Task<MetricPicture> RunAsync(string cluster, Look look)
    {
        var picture = MetricPicture.None;
        try
        {
            return picture = await TakeAsync(cluster);
        }
        catch (OperationCanceledException)
        {
            return picture; // the cluster took longer than it has
        }
        finally
        {
            lock (_gate)
                (look.Newest, look.TakenAt, look.Running) = (picture, clock.GetTimestamp(), null);
        }
    }

    private async Task<MetricPicture> TakeAsync(string cluster)
    {
        var at = clock.GetUtcNow();
        using var limit = new CancellationTokenSource(PerBroker, clock);
        var tenants = (await database.ReadAsync(session => session.Tenants.ListOfClusterAsync(cluster, limit.Token), limit.Token))
            .Select(tenant => tenant.Name)
            .ToHashSet(StringComparer.Ordinal);
        var listed = await brokers.ListBrokersAsync(cluster, limit.Token);
        if (!listed.TryGet(out var list, out _))
            return MetricPicture.None;
        var picture = new MetricPicture.Builder(tenants, Room);
        var answered = await Task.WhenAll(list.Brokers.Select(broker => AskAsync(cluster, broker, picture, limit.Token)));
        return answered.Any(one => one) ? picture.Build(at, answered.All(one => one)) : MetricPicture.None;
    }

    /// <summary>False for a broker that did not answer to its end: half of its topics would look as if the others were gone.</summary>
    private async Task<bool> AskAsync(string cluster, string broker, MetricPicture.Builder picture, CancellationToken cancellationToken)
    {
        List<TopicFigures> rows = [];
        try
        {
            await foreach (var row in figures.ReadAsync(cluster, broker, cancellationToken))
                if (rows.Count < Room && picture.Wants(row))
                    rows.Add(row);
            picture.Add(rows);
            return true;
        }
        catch (Exception silent) when (silent is BrokerSilentException or OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Look
    {
        internal MetricPicture? Newest { get; set; }

        internal long TakenAt { get; set; }

        internal long AskedAt { get; set; }

        internal Task<MetricPicture>? Running { get; set; }
    }
}
