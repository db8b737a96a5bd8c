namespace LocalPulsar.Topics;

/// <summary>What a broker does from time to time: statistics, backlog quotas, retention, expiry.</summary>
internal sealed partial class Maintenance(Broker broker, BrokerStats stats, LocalPulsarOptions options, ILogger<Maintenance> logger)
{
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(
            RepeatAsync(options.StatsInterval, stats.Refresh, cancellationToken),
            RepeatAsync(options.BacklogQuotaCheckInterval, _ => Each(topic => topic.CheckQuota()), cancellationToken),
            RepeatAsync(options.RetentionCheckInterval, _ => Each(topic => topic.CheckRetention()), cancellationToken),
            RepeatAsync(options.MessageExpiryCheckInterval, _ => Each(topic => topic.CheckExpiry()), cancellationToken)
        );

    private void Each(Action<Topic> check)
    {
        foreach (var topic in broker.Loaded.Where(t => t.Name.Persistent))
            check(topic);
    }

    private async Task RepeatAsync(TimeSpan interval, Action<TimeSpan> work, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, options.Clock);
        var last = options.Clock.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var since = options.Clock.GetElapsedTime(last);
                last = options.Clock.GetTimestamp();
                try
                {
                    work(since > TimeSpan.Zero ? since : interval);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogFailure(e); // the next round is not to be missed for this one
                }
            }
        }
        catch (OperationCanceledException) { }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Maintenance of topics failed.")]
    private partial void LogFailure(Exception error);
}
