using LocalPulsar.Metadata;

namespace LocalPulsar.Topics;

/// <summary>A token bucket over messages and bytes. It may be overdrawn by the last message, as a broker's is.</summary>
internal sealed class RateGate(TimeProvider clock)
{
    private RateLimit _limit = RateLimit.None;
    private double _messages;
    private double _bytes;
    private long _filled = clock.GetTimestamp();

    public void Configure(RateLimit limit)
    {
        if (limit == _limit)
            return;
        _limit = limit;
        _messages = Math.Max(0, limit.Messages);
        _bytes = Math.Max(0, limit.Bytes);
        _filled = clock.GetTimestamp();
    }

    public void Take(int size)
    {
        Fill();
        if (_limit.Messages > 0)
            _messages -= 1;
        if (_limit.Bytes > 0)
            _bytes -= size;
    }

    /// <summary>How long until the next message may pass; zero: now.</summary>
    public TimeSpan Wait()
    {
        Fill();
        var messages = _limit.Messages > 0 && _messages <= 0 ? (1 - _messages) / _limit.Messages : 0;
        var bytes = _limit.Bytes > 0 && _bytes <= 0 ? (1 - _bytes) / _limit.Bytes : 0;
        var periods = Math.Max(messages, bytes);
        return periods <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Max(0.001, periods * _limit.PeriodSeconds));
    }

    private void Fill()
    {
        var periods = clock.GetElapsedTime(_filled).TotalSeconds / _limit.PeriodSeconds;
        _filled = clock.GetTimestamp();
        _messages = Math.Min(_messages + periods * _limit.Messages, _limit.Messages);
        _bytes = Math.Min(_bytes + periods * _limit.Bytes, _limit.Bytes);
    }
}
