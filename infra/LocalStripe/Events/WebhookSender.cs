using System.Text;
using LocalStripe.Control;
using LocalStripe.Storage;

namespace LocalStripe.Events;

/// <summary>
/// Delivers events at least once: what is not answered with 2xx is sent again, doubling from a second to an hour, for three
/// days. The queue is in the database, so a restart goes on. Deliveries wait while no address is known.
/// </summary>
internal sealed class WebhookSender(
    Database database,
    WebhookFaults faults,
    string secret,
    TimeProvider clock,
    ILogger<WebhookSender> logger
) : IDisposable
{
    private const long GiveUpSeconds = 3 * 24 * 60 * 60;
    private const long LongestWait = 60 * 60;
    private readonly HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = TimeSpan.FromSeconds(10),
    };
    private readonly SemaphoreSlim wake = new(0, 1);
    private volatile Uri? url;

    private enum Outcome
    {
        Delivered,
        Failed,
        Postponed,
    }

    public Uri? Url
    {
        get => url;
        set
        {
            url = value;
            Wake();
        }
    }

    public void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Url is not { } target || await NextAsync(cancellationToken) is not { } delivery)
            {
                await wake.WaitAsync(TimeSpan.FromSeconds(1), cancellationToken);
                continue;
            }

            var (outcome, problem) = await DeliverAsync(target, delivery, cancellationToken);
            await RecordAsync(delivery, outcome, problem, cancellationToken);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        wake.Dispose();
    }

    private async Task<(Outcome Outcome, string? Problem)> DeliverAsync(Uri target, Delivery delivery, CancellationToken cancellationToken)
    {
        switch (faults.Take())
        {
            case WebhookFault.Drop:
                return (Outcome.Delivered, "dropped, as a test asked");
            case WebhookFault.Reorder:
                return (Outcome.Postponed, "postponed, as a test asked");
            case WebhookFault.Duplicate:
                await PostAsync(target, delivery.Body, secret, 0, cancellationToken);
                return await PostAsync(target, delivery.Body, secret, 0, cancellationToken);
            case WebhookFault.WrongSecret:
                return await PostAsync(target, delivery.Body, "whsec_wrong", 0, cancellationToken);
            case WebhookFault.StaleTimestamp:
                return await PostAsync(target, delivery.Body, secret, 600, cancellationToken);
            default:
                return await PostAsync(target, delivery.Body, secret, 0, cancellationToken);
        }
    }

    private async Task<(Outcome Outcome, string? Problem)> PostAsync(
        Uri target,
        string body,
        string key,
        long age,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, target)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Stripe-Signature", WebhookSignature.Header(key, body, clock.GetUtcNow().ToUnixTimeSeconds() - age));
        request.Headers.UserAgent.ParseAdd("Stripe/1.0");
        try
        {
            using var answer = await client.SendAsync(request, cancellationToken);
            return answer.IsSuccessStatusCode ? (Outcome.Delivered, null) : (Outcome.Failed, $"HTTP {(int)answer.StatusCode}");
        }
        catch (HttpRequestException failure)
        {
            return (Outcome.Failed, failure.Message);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (Outcome.Failed, "no answer within 10 s");
        }
    }

    private Task<Delivery?> NextAsync(CancellationToken cancellationToken) =>
        database.RunAsync(
            work =>
            {
                using var command = work.Command(
                    """
                    SELECT d.id, d.attempts, o.created, o.body, o.id FROM deliveries d JOIN objects o ON o.id = d.event
                    WHERE d.state = 'pending' AND d.due <= $now ORDER BY d.due, d.id LIMIT 1
                    """,
                    ("$now", work.Now)
                );
                using var row = command.ExecuteReader();
                return row.Read()
                    ? new Delivery(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3), row.GetString(4))
                    : null;
            },
            cancellationToken
        );

    private Task RecordAsync(Delivery delivery, Outcome outcome, string? problem, CancellationToken cancellationToken)
    {
        if (outcome == Outcome.Failed)
            logger.LogInformation("Event {Event} was not taken ({Problem}); it is sent again", delivery.Event, problem);
        return database.RunAsync(
            work =>
            {
                var wait = outcome == Outcome.Postponed ? 1 : Math.Min(LongestWait, 1L << (int)Math.Min(delivery.Attempts, 12));
                var state =
                    outcome == Outcome.Delivered ? "delivered"
                    : work.Now - delivery.Created > GiveUpSeconds ? "given up"
                    : "pending";
                work.Execute(
                    "UPDATE deliveries SET state = $state, problem = $problem, attempts = attempts + 1, due = $due WHERE id = $id",
                    ("$state", state),
                    ("$problem", problem),
                    ("$due", work.Now + wait),
                    ("$id", delivery.Id)
                );
                if (outcome == Outcome.Delivered && work.Find("event", delivery.Event) is { } sent)
                {
                    sent["pending_webhooks"] = 0;
                    work.Save(sent);
                }
            },
            cancellationToken
        );
    }

    private sealed record Delivery(long Id, long Attempts, long Created, string Body, string Event);
}
