namespace LocalStripe.Control;

internal enum WebhookFault
{
    Drop,
    Duplicate,
    Reorder,
    WrongSecret,
    StaleTimestamp,
}

/// <summary>What goes wrong with the next deliveries, one fault each, in the order asked for.</summary>
internal sealed class WebhookFaults
{
    private readonly Lock gate = new();
    private readonly Queue<WebhookFault> waiting = [];

    public void Add(WebhookFault fault, int times)
    {
        lock (gate)
        {
            for (var count = 0; count < times; count++)
                waiting.Enqueue(fault);
        }
    }

    public void Clear()
    {
        lock (gate)
            waiting.Clear();
    }

    public WebhookFault? Take()
    {
        lock (gate)
            return waiting.TryDequeue(out var fault) ? fault : null;
    }
}
