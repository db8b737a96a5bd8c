using LocalPulsar.Metadata;

namespace LocalPulsar.Topics;

/// <summary>What is done to a topic from time to time: retention, expiry, backlog quota.</summary>
internal sealed partial class Topic
{
    /// <summary>Removes what every durable subscription has acknowledged, as far as retention allows.</summary>
    public void TrimConsumed()
    {
        var consumed = _subscriptions.Values.Where(s => s.Durable).Select(s => s.Cursor.MarkDelete).DefaultIfEmpty(Log.End - 1).Min();
        var policies = Policies;
        Log.Trim(consumed, policies?.RetentionMinutes ?? 0, policies?.RetentionMegabytes ?? 0);
    }

    public void CheckQuota()
    {
        lock (Gate)
        {
            Exceeded = null;
            var policies = Policies;
            var slowest = _subscriptions.Values.Where(s => s.Durable).Select(s => s.Cursor.MarkDelete).DefaultIfEmpty(Log.End - 1).Min();
            if (policies?.SizeQuota is { LimitSize: > 0 } size && Log.BacklogAfter(slowest) > size.LimitSize)
                Enforce(
                    size,
                    slowest,
                    () =>
                        Log.BacklogAfter(_subscriptions.Values.Where(s => s.Durable).Min(s => s.Cursor.MarkDelete))
                        > size.LimitSize * 9 / 10
                );
            else if (
                policies?.AgeQuota is { LimitTime: > 0 } age
                && slowest + 1 < Log.End
                && Now - Log[slowest + 1].PublishTime > age.LimitTime * 1000
            )
                Enforce(age, slowest, () => false);
        }
        if (Exceeded is not null)
            DetachProducers();
    }

    public void CheckExpiry()
    {
        lock (Gate)
        {
            if (Policies is not { MessageTtlSeconds: > 0 and var seconds })
                return;
            foreach (var subscription in _subscriptions.Values)
                subscription.ExpireBefore(Now - seconds * 1000);
        }
    }

    public void CheckRetention()
    {
        lock (Gate)
            TrimConsumed();
    }

    private void DetachProducers()
    {
        List<Producer> producers;
        lock (Gate)
        {
            producers = [.. _producers];
            _producers.Clear();
        }
        producers.ForEach(p => p.Client.Detached());
    }

    private void Enforce(BacklogQuota quota, long slowest, Func<bool> isStillOver)
    {
        if (quota.Policy != "consumer_backlog_eviction")
        {
            Exceeded = quota;
            return;
        }
        foreach (var subscription in _subscriptions.Values.Where(s => s.Durable && s.Cursor.MarkDelete == slowest))
        {
            do subscription.Skip(1);
            while (isStillOver() && subscription.Cursor.Backlog > 0);
        }
    }
}
