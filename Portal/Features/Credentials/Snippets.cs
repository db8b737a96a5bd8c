using Portal.Domain.Tenants;

namespace Portal.Features.Credentials;

/// <param name="NeedsBinary">Works only where the cluster offers the binary protocol.</param>
public sealed record CodeSnippet(string Language, bool NeedsBinary, string Code);

/// <summary>Snippets with a tenant's real values; the token stays in the environment. WebSocket and curl lead where there is nothing else.</summary>
public static class Snippets
{
    private const string NoTopic = "persistent://tenant/namespace/topic";
    private const string NoBroker = "pulsar://your-cluster:6650";

    /// <summary>Scheme, host and port without the closing slash that <see cref="Uri"/> writes.</summary>
    public static string Trim(Uri uri) => uri.ToString().TrimEnd('/');

    public static IReadOnlyList<CodeSnippet> All(Connection connection, string? topicAddress)
    {
        var topic = topicAddress ?? NoTopic;
        var broker = connection.BrokerUrl ?? NoBroker;
        List<CodeSnippet> binary =
        [
            new("client.conf", true, ClientConf(broker, topic)), new("C#", true, CSharp(broker, topic)), new("Java", true, Java(broker, topic)),
            new("Python", true, Python(broker, topic)), new("Go", true, Go(broker, topic)), new("Node.js", true, Node(broker, topic)),
        ];
        List<CodeSnippet> web = connection.WebSocketUrl is { } url ? [new("WebSocket", false, WebSocket(Trim(url), topic)), new("curl", false, Curl(Trim(url), topic))] : [];
        return connection.BrokerUrl is null ? [.. web, .. binary] : [.. binary, .. web];
    }

    /// <summary><c>persistent://t/n/x</c> as a WebSocket path wants it: <c>persistent/t/n/x</c>.</summary>
    private static string Path(string topic)
    {
        var parts = topic.Split("://", 2);
        return string.Join('/', parts[1].Split('/').Select(Uri.EscapeDataString).Prepend(parts[0]));
    }

    private static string ClientConf(string broker, string topic) => $"""
        webServiceUrl=
        brokerServiceUrl={broker}
        authPlugin=org.apache.pulsar.client.impl.auth.AuthenticationToken
        authParams=token:<your key>

        # then
        # bin/pulsar-client produce {topic} -m hello
        # bin/pulsar-client consume {topic} -s my-subscription -n 0
        """;

    private static string CSharp(string broker, string topic) => $$"""
        using DotPulsar;
        using DotPulsar.Extensions;

        await using var client = PulsarClient.Builder()
            .ServiceUrl(new Uri("{{broker}}"))
            .Authentication(AuthenticationFactory.Token(Environment.GetEnvironmentVariable("PULSAR_TOKEN")!))
            .Build();
        await using var producer = client.NewProducer(Schema.String).Topic("{{topic}}").Create();
        await producer.Send("hello");
        """;

    private static string Java(string broker, string topic) => $$"""
        try (PulsarClient client = PulsarClient.builder()
                .serviceUrl("{{broker}}")
                .authentication(AuthenticationFactory.token(System.getenv("PULSAR_TOKEN")))
                .build();
             Producer<String> producer = client.newProducer(Schema.STRING).topic("{{topic}}").create()) {
            producer.send("hello");
        }
        """;

    private static string Python(string broker, string topic) => $$"""
        import os, pulsar

        client = pulsar.Client("{{broker}}", authentication=pulsar.AuthenticationToken(os.environ["PULSAR_TOKEN"]))
        producer = client.create_producer("{{topic}}")
        producer.send("hello".encode())
        client.close()
        """;

    private static string Go(string broker, string topic) => $$"""
        client, err := pulsar.NewClient(pulsar.ClientOptions{
            URL:            "{{broker}}",
            Authentication: pulsar.NewAuthenticationToken(os.Getenv("PULSAR_TOKEN")),
        })
        if err != nil { log.Fatal(err) }
        defer client.Close()
        producer, err := client.CreateProducer(pulsar.ProducerOptions{Topic: "{{topic}}"})
        if err != nil { log.Fatal(err) }
        _, err = producer.Send(context.Background(), &pulsar.ProducerMessage{Payload: []byte("hello")})
        """;

    private static string Node(string broker, string topic) => $$"""
        const Pulsar = require("pulsar-client");

        const client = new Pulsar.Client({
          serviceUrl: "{{broker}}",
          authentication: new Pulsar.AuthenticationToken({ token: process.env.PULSAR_TOKEN }),
        });
        const producer = await client.createProducer({ topic: "{{topic}}" });
        await producer.send({ data: Buffer.from("hello") });
        await client.close();
        """;

    private static string WebSocket(string url, string topic) => $$"""
        // npm install ws
        const WebSocket = require("ws");
        const headers = { Authorization: "Bearer " + process.env.PULSAR_TOKEN };

        const producer = new WebSocket("{{url}}/ws/v2/producer/{{Path(topic)}}", { headers });
        producer.on("open", () => producer.send(JSON.stringify({ payload: Buffer.from("hello").toString("base64") })));
        producer.on("message", answer => console.log(answer.toString()));

        const consumer = new WebSocket("{{url}}/ws/v2/consumer/{{Path(topic)}}/my-subscription", { headers });
        consumer.on("message", text => {
          const message = JSON.parse(text);
          console.log(Buffer.from(message.payload, "base64").toString());
          consumer.send(JSON.stringify({ messageId: message.messageId }));
        });
        """;

    // Asks for the upgrade by hand: many builds of curl know no ws:// addresses. Frames of a server are plain text after
    // two to ten bytes of length; a client's would have to be masked, so curl only reads.
    private static string Curl(string url, string topic) => $$"""
        # prints what the topic holds, one JSON frame a message; ends with Ctrl-C
        curl -sN --http1.1 --output - \
          -H "Authorization: Bearer $PULSAR_TOKEN" \
          -H "Connection: Upgrade" -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" \
          -H "Sec-WebSocket-Key: $(head -c 16 /dev/urandom | base64)" \
          "{{Http(url)}}/ws/v2/reader/{{Path(topic)}}?messageId=earliest"
        """;

    private static string Http(string url) => url.StartsWith("wss:", StringComparison.Ordinal) ? "https:" + url[4..] : "http:" + url[3..];
}
