using System.Globalization;
using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Gateway;

public enum SessionKind
{
    Producer,
    Consumer,
    Reader,
}

/// <summary>
/// What a WebSocket client asks for:
/// <c>/ws/v2/{producer|consumer|reader}/{persistent|non-persistent}/{tenant}/{namespace}/{topic}[/{subscription}]</c>.
/// Every part is a name that the portal gives out, so that the address sent to the broker can be made anew from the parts.
/// </summary>
/// <param name="Topic">Without the partition.</param>
/// <param name="Partition">The one partition that the client connects to; null for the topic.</param>
/// <param name="Subscription">Of a consumer; null for the others.</param>
public sealed partial record GatewayAddress(
    SessionKind Kind,
    bool Persistent,
    string Tenant,
    string Namespace,
    string Topic,
    int? Partition,
    string? Subscription
)
{
    public const string Prefix = "/ws/v2";

    /// <summary>As Pulsar writes it, with the partition where there is one.</summary>
    public string TopicAddress => $"{(Persistent ? "persistent" : "non-persistent")}://{Tenant}/{Namespace}/{TopicOnBroker}";

    /// <summary>The path at the broker.</summary>
    public string Path
    {
        get
        {
            string[] parts =
            [
                Persistent ? "persistent" : "non-persistent",
                Tenant,
                Namespace,
                TopicOnBroker,
                .. Subscription is null ? (string[])[] : [Subscription],
            ];
            return $"{Prefix}/{Word(Kind)}/{string.Join('/', parts.Select(Uri.EscapeDataString))}";
        }
    }

    private string TopicOnBroker =>
        Partition is { } number ? string.Create(CultureInfo.InvariantCulture, $"{Topic}-partition-{number}") : Topic;

    /// <param name="path">Decoded once, as a web server hands it over.</param>
    public static Outcome<GatewayAddress> Parse(string path)
    {
        if (
            path.Split('/') is not ["", "ws", "v2", var word, var domain, var tenant, var @namespace, var name, .. var rest]
            || KindOf(word) is not { } kind
        )
            return GatewayProblems.NoSuchAddress;
        if (domain is not ("persistent" or "non-persistent") || rest.Length != (kind == SessionKind.Consumer ? 1 : 0))
            return GatewayProblems.NoSuchAddress;
        var partition = PartitionName().Match(name);
        int? number = null;
        if (partition.Success)
        {
            // Pulsar knows a partition under one spelling only: 07 is none.
            if (
                !int.TryParse(partition.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                || $"{parsed}" != partition.Groups[2].Value
            )
                return GatewayProblems.NoSuchAddress;
            (name, number) = (partition.Groups[1].Value, parsed);
        }
        if (
            !TenantName.Create(tenant).IsOk
            || !NamespaceName.Create(@namespace).IsOk
            || !TopicName.Create(name).TryGet(out var topic, out _)
        )
            return GatewayProblems.NotInKey;
        name = topic.Value;
        if (kind != SessionKind.Consumer)
            return new GatewayAddress(kind, domain == "persistent", tenant, @namespace, name, number, null);
        if (!SubscriptionName.Create(rest[0]).TryGet(out var subscription, out var problem))
            return problem;
        if (GatewayParameters.IsOwnName(subscription.Value))
            return GatewayProblems.OwnName("subscription");
        return new GatewayAddress(kind, domain == "persistent", tenant, @namespace, name, number, subscription.Value);
    }

    internal static string Word(SessionKind kind) =>
        kind switch
        {
            SessionKind.Producer => "producer",
            SessionKind.Consumer => "consumer",
            _ => "reader",
        };

    private static SessionKind? KindOf(string word) =>
        word switch
        {
            "producer" => SessionKind.Producer,
            "consumer" => SessionKind.Consumer,
            "reader" => SessionKind.Reader,
            _ => null,
        };

    [GeneratedRegex(@"^(.+)-partition-([0-9]+)\z", RegexOptions.Singleline)]
    private static partial Regex PartitionName();
}
