namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    private const string FunctionsRoot = "/admin/v3/functions";
    private const string Score = $"{FunctionsRoot}/transcript/prod/score";

    private static IEnumerable<Step> Functions =>
        [
            Get("the built-in functions", $"{FunctionsRoot}/builtins"),
            Put("an input for functions", $"{P}/readings"),
            Put("an output for functions", $"{P}/scored"),
            Get("a function that is missing", Score),
            Get("the status of a function that is missing", $"{Score}/status"),
            Get("the statistics of a function that is missing", $"{Score}/stats"),
            Delete("a function that is missing is deleted", Score),
            Post("a function that is missing is started", $"{Score}/start"),
            Post("a function that is missing is stopped", $"{Score}/stop"),
            Post("a function that is missing is restarted", $"{Score}/restart"),
            Function("a function that is missing is changed", "PUT"),
            Function("a function of no archive", "POST", jar: "builtin://nothing"),
            Function("a function from a file", "POST", jar: "file:///etc/hostname"),
            Function("a function of another function's package", "POST", jar: "function://transcript/prod/package@1"),
            Function("a function without an archive", "POST", jar: ""),
            Function("a function that reads nothing", "POST", inputs: ""),
            Function("a function that reads what it writes", "POST", output: "readings"),
            Function("a function without instances", "POST", parallelism: 0),
            Function("a function", "POST"),
            Function("a function, again", "POST"),
            Function("a function is changed to what it is", "PUT"),
            Function("a function is changed", "PUT", weight: "0.2"),
            Function("a function is to read another topic", "PUT", inputs: "\"persistent://transcript/prod/else\""),
            Function("a function is to have another subscription", "PUT", subscription: "else"),
            Function("a function is to have another guarantee", "PUT", guarantee: "ATMOST_ONCE"),
            Get("a function as it was sent", Score) with
            {
                Only =
                [
                    "tenant",
                    "namespace",
                    "name",
                    "className",
                    "userConfig",
                    "parallelism",
                    "processingGuarantees",
                    "output",
                    "subName",
                    "autoAck",
                    "cleanupSubscription",
                ],
            },
            Get("a sink by a function's name", $"{Sinks}/transcript/prod/score"),
            Get("the status of a running function", $"{Score}/status") with
            {
                Until = "numRunning=1",
                Within = "instances/0/status/running",
            },
            Get("the statistics of a function that had no message", $"{Score}/stats"),
            Post("a function is stopped", $"{Score}/stop"),
            Post("a function is stopped, again", $"{Score}/stop"),
            Get("the status of a stopped function", $"{Score}/status") with
            {
                Until = "numRunning=0",
                Within = "instances/0/status/running",
            },
            Post("a function is started", $"{Score}/start"),
            Post("a function is started, again", $"{Score}/start"),
            Post("a function is restarted", $"{Score}/restart"),
            Delete("a function is deleted", Score),
            Delete("the input for functions is deleted", $"{P}/readings?force=true"),
            Delete("the output for functions is deleted", $"{P}/scored?force=true"),
        ];

    private static Call Function(
        string name,
        string method,
        string jar = "builtin://anomaly-score",
        string inputs = "\"persistent://transcript/prod/readings\"",
        string output = "scored",
        int parallelism = 1,
        string weight = "0.1",
        string subscription = "score",
        string guarantee = "ATLEAST_ONCE"
    ) =>
        Form(
            name,
            method,
            Score,
            "functionConfig",
            $$$"""{"tenant":"transcript","namespace":"prod","name":"score","jar":"{{{jar}}}","parallelism":{{{parallelism}}},"processingGuarantees":"{{{guarantee}}}","inputs":[{{{inputs}}}],"output":"persistent://transcript/prod/{{{output}}}","subName":"{{{subscription}}}","autoAck":true,"cleanupSubscription":false,"userConfig":{"field":"value","weight":{{{weight}}}}}"""
        );
}
