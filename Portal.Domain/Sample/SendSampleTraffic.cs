using System.Buffers;
using System.Text.Json;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <summary>
/// One beat of the sample company's live traffic: a message to each of two of its topics, and now and then a look at what
/// came in, through the port of the message page. One call at a time, so it is never more than a customer's page would ask
/// for; when the cluster refuses or is away, the beats rest.
/// </summary>
public sealed class SendSampleTraffic(IPortalDatabase database, IMessageClient messages, TimeProvider clock)
{
    private const int TopicsPerBeat = 2;
    private const int BeatsPerRead = 4;
    private const int MostRead = 5;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan NoCompany = TimeSpan.FromSeconds(10);

    /// <summary>On the others are subscriptions, whose backlog nobody would take away.</summary>
    private static readonly string[] Busy =
    [
        "order-placed",
        "stock-level",
        "parcel-tracking",
        "bin-scanned",
        "page-viewed",
        "search-entered",
    ];

    private static readonly string[] Products = ["oak-table", "pine-shelf", "reading-lamp", "linen-sofa", "walnut-desk", "wool-rug"];

    /// <param name="beat">The number of this beat: which topics it is for.</param>
    /// <returns>How long to wait before the next beat.</returns>
    public async Task<TimeSpan> RunAsync(long beat, CancellationToken cancellationToken)
    {
        var topics = await database.ReadAsync(ReadyAsync, cancellationToken);
        if (topics.Count == 0)
            return NoCompany;
        for (var i = 0; i < TopicsPerBeat; i++)
        {
            var (@namespace, topic) = topics[(int)((beat * TopicsPerBeat + i) % topics.Count)];
            var sent = await messages.SendAsync(@namespace, topic, Message(topic.Name, beat), cancellationToken);
            if (!sent.IsOk)
                return Rest;
        }
        if (beat % BeatsPerRead != 0)
            return Beat;
        var (place, about) = topics[(int)(beat / BeatsPerRead % topics.Count)];
        var read = await messages.ReadAsync(
            place,
            about,
            new ReadQuery(Since: clock.Now() - TimeSpan.FromSeconds(10)),
            MostRead,
            cancellationToken
        );
        return read.IsOk ? Beat : Rest;

        async Task<List<(Namespace, Topic)>> ReadyAsync(IPortalSession session)
        {
            var ready = new List<(Namespace, Topic)>();
            if (await session.Organizations.FindSampleAsync(cancellationToken) is not { State: OrganizationState.Active } sample)
                return ready;
            // While it is being made nothing moves: the first figures would stand without a past.
            if (await session.Work.FindOpenAsync(SamplePlace.Line, MakeSampleWork.Kind, cancellationToken) is not null)
                return ready;
            var all = await session.Topics.ListOfOrganizationAsync(sample.Id, Scope.Whole, null, new PageRequest(100), cancellationToken);
            foreach (var topic in all.Items.Where(topic => topic.State == ResourceState.Ready && Busy.Contains(topic.Name)))
                if (
                    await session.Tenants.FindNamespaceAsync(topic.NamespaceId, cancellationToken) is
                    { State: ResourceState.Ready } @namespace
                )
                    ready.Add((@namespace, topic));
            return ready;
        }
    }

    /// <summary>Between 100 and 300 bytes of JSON, with a key as the real ones would have.</summary>
    private NewMessage Message(string topic, long beat)
    {
        var number = 48_000 + beat % 50_000;
        var product = Products[beat % Products.Length];
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", topic);
            json.WriteString("at", clock.Now());
            switch (topic)
            {
                case "order-placed":
                    json.WriteString("order", $"AP-{number}");
                    json.WriteString("product", product);
                    json.WriteNumber("quantity", 1 + beat % 3);
                    json.WriteNumber("total", 49.90m + beat % 7 * 30);
                    json.WriteString("currency", "usd");
                    break;
                case "stock-level":
                    json.WriteString("product", product);
                    json.WriteString("warehouse", beat % 2 == 0 ? "portland" : "reno");
                    json.WriteNumber("available", 12 + beat % 140);
                    break;
                case "parcel-tracking":
                    json.WriteString("parcel", $"1Z{number}");
                    json.WriteString(
                        "status",
                        (beat % 4) switch
                        {
                            0 => "picked-up",
                            1 => "in-transit",
                            2 => "out-for-delivery",
                            _ => "delivered",
                        }
                    );
                    break;
                case "bin-scanned":
                    json.WriteString("bin", $"{(char)('A' + beat % 12)}-{beat % 40:00}");
                    json.WriteString("handheld", $"scanner-{1 + beat % 9}");
                    break;
                case "page-viewed":
                    json.WriteString("session", $"s{number}");
                    json.WriteString("page", $"/products/{product}");
                    break;
                default:
                    json.WriteString("session", $"s{number}");
                    json.WriteString("query", product.Replace('-', ' '));
                    json.WriteNumber("results", 3 + beat % 60);
                    break;
            }
            json.WriteEndObject();
        }
        return new(
            buffer.WrittenMemory,
            topic is "stock-level" ? product : $"{number}",
            new Dictionary<string, string> { ["source"] = "sample" }
        );
    }
}
