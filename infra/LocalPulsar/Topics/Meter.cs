namespace LocalPulsar.Topics;

/// <summary>A counter of messages and bytes with the rates of the last interval. Starts at 0 whenever its topic is loaded.</summary>
internal sealed class Meter
{
    private long _lastMessages;
    private long _lastBytes;

    public long Messages { get; private set; }
    public long Bytes { get; private set; }

    /// <summary>Messages a second.</summary>
    public double MessageRate { get; private set; }

    /// <summary>Bytes a second.</summary>
    public double ByteRate { get; private set; }

    /// <summary>Bytes a message, over the last interval.</summary>
    public double AverageSize => MessageRate == 0 ? 0 : ByteRate / MessageRate;

    public void Count(int bytes)
    {
        Messages++;
        Bytes += bytes;
    }

    public void Tick(double seconds)
    {
        MessageRate = (Messages - _lastMessages) / seconds;
        ByteRate = (Bytes - _lastBytes) / seconds;
        (_lastMessages, _lastBytes) = (Messages, Bytes);
    }
}
