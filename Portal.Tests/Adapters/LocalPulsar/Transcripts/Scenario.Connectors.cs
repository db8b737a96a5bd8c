namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    private const string Sources = "/admin/v3/sources";
    private const string Sinks = "/admin/v3/sinks";
    private const string Beats = $"{Sources}/transcript/prod/beats";
    private const string Hook = $"{Sinks}/transcript/prod/hook";
    private static readonly string[] Common =
    [
        "tenant",
        "namespace",
        "name",
        "className",
        "configs",
        "parallelism",
        "processingGuarantees",
        "archive",
    ];

    private static IEnumerable<Step> Connectors =>
        [
            Get("the built-in sources", $"{Sources}/builtinsources"),
            Get("the built-in sinks", $"{Sinks}/builtinsinks"),
            Get("the fields of heartbeat", $"{Sources}/builtinsources/heartbeat/configdefinition"),
            Get("the fields of http-post", $"{Sinks}/builtinsinks/http-post/configdefinition"),
            Get("the fields of a source that is not built in", $"{Sources}/builtinsources/nothing/configdefinition"),
            Get("the fields of a sink that is not built in", $"{Sinks}/builtinsinks/nothing/configdefinition"),
            Put("a topic for connectors", $"{P}/pulse"),
            Get("a source that is missing", Beats),
            Get("the status of a source that is missing", $"{Beats}/status"),
            Delete("a source that is missing is deleted", Beats),
            Post("a source that is missing is started", $"{Beats}/start"),
            Post("a source that is missing is stopped", $"{Beats}/stop"),
            Post("a source that is missing is restarted", $"{Beats}/restart"),
            Source("a source that is missing is changed", "PUT", "1000"),
            Source("a source with a word for a number", "POST", "\"often\""),
            Source("a source", "POST", "1000"),
            Source("a source, again", "POST", "1000"),
            Source("a source is changed to what it is", "PUT", "1000"),
            Source("a source is changed", "PUT", "2000"),
            Get("a source as it was sent", Beats) with
            {
                Only = [.. Common, "topicName"],
            },
            Get("a sink by a source's name", $"{Sinks}/transcript/prod/beats"),
            Post("a source is stopped", $"{Beats}/stop"),
            Post("a source is stopped, again", $"{Beats}/stop"),
            Get("the status of a stopped source", $"{Beats}/status") with
            {
                Until = "numRunning=0",
                Within = "instances/0/status/running",
            },
            Post("a source is started", $"{Beats}/start"),
            Post("a source is restarted", $"{Beats}/restart"),
            Get("the status of a running source", $"{Beats}/status") with
            {
                Until = "numRunning=1",
                Within = "instances/0/status/running",
            },
            Delete("a source is deleted", Beats),
            Get("a sink that is missing", Hook),
            Delete("a sink that is missing is deleted", Hook),
            Sink("a sink that is missing is changed", "PUT", "http://127.0.0.1:9/"),
            Sink("a sink", "POST", "http://127.0.0.1:9/"),
            Sink("a sink, again", "POST", "http://127.0.0.1:9/"),
            Sink("a sink is changed", "PUT", "http://127.0.0.1:9/else"),
            Get("a sink as it was sent", Hook) with
            {
                Only = [.. Common, "inputs", "sourceSubscriptionName", "autoAck", "cleanupSubscription"],
            },
            Post("a sink is restarted", $"{Hook}/restart"),
            Post("a sink is stopped", $"{Hook}/stop"),
            Get("the status of a stopped sink", $"{Hook}/status") with
            {
                Until = "numRunning=0",
                Within = "instances/0/status/running",
            },
            Post("a sink is started", $"{Hook}/start"),
            Post("a sink is started, again", $"{Hook}/start"),
            Delete("a sink is deleted", Hook),
            Delete("the topic for connectors is deleted", $"{P}/pulse?force=true"),
        ];

    private static Call Source(string name, string method, string interval) =>
        Form(
            name,
            method,
            Beats,
            "sourceConfig",
            $$$"""{"tenant":"transcript","namespace":"prod","name":"beats","archive":"builtin://heartbeat","parallelism":1,"processingGuarantees":"ATLEAST_ONCE","topicName":"persistent://transcript/prod/pulse","configs":{"text":"beat","intervalMs":{{{interval}}}}}"""
        );

    private static Call Sink(string name, string method, string url) =>
        Form(
            name,
            method,
            Hook,
            "sinkConfig",
            $$$"""{"tenant":"transcript","namespace":"prod","name":"hook","archive":"builtin://http-post","parallelism":1,"processingGuarantees":"ATLEAST_ONCE","inputs":["persistent://transcript/prod/pulse"],"sourceSubscriptionName":"hook","autoAck":true,"cleanupSubscription":false,"configs":{"url":"{{{url}}}"}}"""
        );

    private static Call Form(string name, string method, string path, string part, string json) =>
        new(
            name,
            method,
            path,
            $"--part\r\nContent-Disposition: form-data; name=\"{part}\"\r\nContent-Type: application/json\r\n\r\n{json}\r\n--part--\r\n"
        )
        {
            ContentType = "multipart/form-data; boundary=part",
        };
}
