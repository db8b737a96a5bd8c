using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// Sources, sinks and functions on the functions workers: built-in ones, and packages of the namespace that a function lives in.
/// </summary>
internal sealed partial class PulsarConnectors(ClusterConnections clusters) : IConnectorAdmin
{
    /// <summary>Characters of an exception with its stack.</summary>
    private const int LongestException = 32 * 1024;

    public Task<Outcome<IReadOnlyList<ConnectorType>>> TypesAsync(string cluster, CancellationToken cancellationToken) =>
        clusters.OnAsync<IReadOnlyList<ConnectorType>>(
            cluster,
            async connection =>
            {
                var types = new List<ConnectorType>();
                foreach (var kind in Enum.GetValues<ConnectorKind>())
                {
                    var path = kind == ConnectorKind.Function ? $"{Root(kind)}/builtins" : $"{Root(kind)}/builtin{PulsarPath.Plural(kind)}";
                    if (!(await connection.GetAsync(path, cancellationToken)).TryGet(out var answer, out var problem))
                        return problem;
                    // Older workers have no list of functions.
                    if (kind == ConnectorKind.Function && answer.Status == HttpStatusCode.NotFound)
                        continue;
                    if (Off(connection, answer) is { } off)
                        return off;
                    if (!connection.Read(answer, PulsarJson.Default.ConnectorDocumentArray).TryGet(out var found, out problem))
                        return problem;
                    types.AddRange(
                        found
                            .Where(one => one.Name is not null && PlainName().IsMatch(one.Name))
                            .OrderBy(one => one.Name, StringComparer.Ordinal)
                            .Select(one => new ConnectorType(kind, one.Name!, one.Description))
                    );
                }
                return types;
            }
        );

    /// <summary>Workers answer 404 to the question for a function's settings, whatever its archive says.</summary>
    public Task<Outcome<IReadOnlyList<ConnectorField>>> FieldsAsync(
        string cluster,
        ConnectorType type,
        CancellationToken cancellationToken
    ) =>
        type.Kind == ConnectorKind.Function
            ? Task.FromResult(Outcome.Of<IReadOnlyList<ConnectorField>>([]))
            : clusters.OnAsync<IReadOnlyList<ConnectorField>>(
                cluster,
                async connection =>
                {
                    var path =
                        $"{Root(type.Kind)}/builtin{PulsarPath.Plural(type.Kind)}/{Uri.EscapeDataString(type.Name)}/configdefinition";
                    if (!(await connection.GetAsync(path, cancellationToken)).TryGet(out var answer, out var problem))
                        return problem;
                    if (Off(connection, answer) is { } off)
                        return off;
                    return connection
                        .Read(answer, PulsarJson.Default.FieldDocumentArray)
                        .Map<IReadOnlyList<ConnectorField>>(fields =>
                            [.. fields.Where(field => field.FieldName is not null).Select(Field)]
                        );
                }
            );

    public Task<Outcome<Done>> EnsureAsync(WantedConnector connector, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            connector.Address.Cluster,
            async connection =>
            {
                var (path, part) = (PulsarPath.Connector(connector.Address), $"{connector.Address.Kind.Text()}Config");
                var json = Encoding.UTF8.GetBytes(Document(connector).ToJsonString());
                var package = connector.Package is { } use ? PackageOf(connector, use).Url : null;
                if (
                    !(await connection.SendPartAsync(HttpMethod.Post, path, part, json, cancellationToken, package)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                if (answer.Status == HttpStatusCode.BadRequest && Says(answer, "already exists"))
                {
                    if (
                        !(await connection.SendPartAsync(HttpMethod.Put, path, part, json, cancellationToken, package)).TryGet(
                            out answer,
                            out problem
                        )
                    )
                        return problem;
                    if (answer.Status == HttpStatusCode.BadRequest && Says(answer, "no change"))
                        return Outcome.Done;
                }
                if (Off(connection, answer) is { } off)
                    return off;
                return answer.Status == HttpStatusCode.BadRequest
                    ? PulsarProblems.ConnectorRefused(connector.Address.Kind, answer)
                    : connection.Done(answer);
            }
        );

    public Task<Outcome<Done>> StartAsync(ConnectorAddress connector, CancellationToken cancellationToken) =>
        ActAsync(connector, "start", cancellationToken);

    public Task<Outcome<Done>> StopAsync(ConnectorAddress connector, CancellationToken cancellationToken) =>
        ActAsync(connector, "stop", cancellationToken);

    public Task<Outcome<Done>> RestartAsync(ConnectorAddress connector, CancellationToken cancellationToken) =>
        ActAsync(connector, "restart", cancellationToken);

    public Task<Outcome<Done>> DeleteAsync(ConnectorAddress connector, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            connector.Cluster,
            async connection =>
            {
                if (
                    !(await connection.SendAsync(HttpMethod.Delete, PulsarPath.Connector(connector), null, cancellationToken)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return Outcome.Done;
                return Off(connection, answer) is { } off ? off : connection.Done(answer);
            }
        );

    public Task<Outcome<ConnectorStatus>> StatusAsync(ConnectorAddress connector, CancellationToken cancellationToken) =>
        clusters.OnAsync<ConnectorStatus>(
            connector.Cluster,
            async connection =>
            {
                if (
                    !(await connection.GetAsync($"{PulsarPath.Connector(connector)}/status", cancellationToken)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return PulsarProblems.ConnectorMissing(connector);
                // The worker fails to put an exception without a text into its answer.
                if (answer.Status == HttpStatusCode.InternalServerError && Says(answer, "NullPointerException"))
                    return new ConnectorStatus([], IsObscure: true);
                if (Off(connection, answer) is { } off)
                    return off;
                return connection
                    .Read(answer, PulsarJson.Default.ConnectorStatusDocument)
                    .Map(status => new ConnectorStatus([
                        .. (status.Instances ?? [])
                            .Where(one => one.Status is not null)
                            .OrderBy(one => one.InstanceId)
                            .Select(one => connector.Kind == ConnectorKind.Function ? FunctionInstance(one) : Instance(one)),
                    ]));
            }
        );

    public Task<Outcome<FunctionMinute>> LastMinuteAsync(ConnectorAddress function, CancellationToken cancellationToken) =>
        clusters.OnAsync<FunctionMinute>(
            function.Cluster,
            async connection =>
            {
                if (
                    !(await connection.GetAsync($"{PulsarPath.Connector(function)}/stats", cancellationToken)).TryGet(
                        out var answer,
                        out var problem
                    )
                )
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return PulsarProblems.ConnectorMissing(function);
                if (Off(connection, answer) is { } off)
                    return off;
                return connection
                    .Read(answer, PulsarJson.Default.FunctionStatsDocument)
                    .Map(stats =>
                        stats.LastMinute is not { } minute
                            ? new FunctionMinute(0, 0, 0, null)
                            : new FunctionMinute(
                                minute.ReceivedTotal,
                                minute.ProcessedSuccessfullyTotal,
                                minute.SystemExceptionsTotal + minute.UserExceptionsTotal,
                                Latency(minute.AvgProcessLatency ?? 0)
                            )
                    );
            }
        );

    private Task<Outcome<Done>> ActAsync(ConnectorAddress connector, string act, CancellationToken cancellationToken) =>
        clusters.OnAsync(
            connector.Cluster,
            async connection =>
            {
                if (
                    !(
                        await connection.SendAsync(HttpMethod.Post, $"{PulsarPath.Connector(connector)}/{act}", null, cancellationToken)
                    ).TryGet(out var answer, out var problem)
                )
                    return problem;
                if (answer.Status == HttpStatusCode.NotFound)
                    return PulsarProblems.ConnectorMissing(connector);
                // It is already as it is asked to be.
                if (answer.Status == HttpStatusCode.BadRequest && Says(answer, "not permitted"))
                    return Outcome.Done;
                return Off(connection, answer) is { } off ? off : connection.Done(answer);
            }
        );

    /// <summary>The address is made of the function's own namespace: no other one's package can be named.</summary>
    private static PackageAddress PackageOf(WantedConnector connector, PackageUse use) =>
        new(
            connector.Address.Cluster,
            connector.Address.Tenant,
            connector.Address.Namespace,
            PackageUse.NameIn(connector.Type)!,
            use.Version
        );

    private static void Run(JsonObject document, PackageUse use, string address)
    {
        document["runtime"] = use.Runtime switch
        {
            PackageRuntime.Java => "JAVA",
            PackageRuntime.Python => "PYTHON",
            PackageRuntime.Go => "GO",
        };
        document[
            use.Runtime switch
            {
                PackageRuntime.Java => "jar",
                PackageRuntime.Python => "py",
                PackageRuntime.Go => "go",
            }
        ] = address;
        if (use.Class is { } name)
            document["className"] = name;
    }

    private static JsonObject Document(WantedConnector connector)
    {
        var (address, document) = (connector.Address, new JsonObject());
        document["tenant"] = address.Tenant;
        document["namespace"] = address.Namespace;
        document["name"] = address.Name;
        if (connector.Package is { } use)
            Run(document, use, PackageOf(connector, use).Url);
        else
            document[address.Kind == ConnectorKind.Function ? "jar" : "archive"] = $"builtin://{connector.Type}";
        document["parallelism"] = connector.Instances;
        document["processingGuarantees"] = connector.Guarantee switch
        {
            Guarantee.AtMostOnce => "ATMOST_ONCE",
            Guarantee.EffectivelyOnce => "EFFECTIVELY_ONCE",
            _ => "ATLEAST_ONCE",
        };
        document[address.Kind == ConnectorKind.Function ? "userConfig" : "configs"] = connector.Configuration.DeepClone();
        if (address.Kind == ConnectorKind.Source)
        {
            document["topicName"] = connector.Topics[0];
            return document;
        }
        document["inputs"] = new JsonArray([.. connector.Topics.Select(topic => (JsonNode)topic)]);
        document[address.Kind == ConnectorKind.Function ? "subName" : "sourceSubscriptionName"] = connector.Subscription;
        document["cleanupSubscription"] = false;
        document["autoAck"] = true;
        if (connector.MaxRetries is { } retries)
            document["maxMessageRetries"] = retries;
        if (connector.DeadLetterTopic is { } letters)
            document["deadLetterTopic"] = letters;
        if (address.Kind == ConnectorKind.Function)
            document["output"] = connector.Output;
        return document;
    }

    private static ConnectorField Field(FieldDocument field)
    {
        var attributes = field.Attributes ?? [];
        return new(
            field.FieldName!,
            KindOf(field.TypeName ?? ""),
            attributes.GetValueOrDefault("required") == "true",
            attributes.GetValueOrDefault("defaultValue") is { Length: > 0 } value ? value : null,
            attributes.GetValueOrDefault("help"),
            attributes.GetValueOrDefault("sensitive") == "true"
        );
    }

    private static FieldKind KindOf(string type) =>
        type switch
        {
            "java.lang.String" => FieldKind.Text,
            "int" or "java.lang.Integer" or "short" or "java.lang.Short" => FieldKind.Whole,
            "long" or "java.lang.Long" => FieldKind.LargeWhole,
            "double" or "java.lang.Double" or "float" or "java.lang.Float" => FieldKind.Number,
            "boolean" or "java.lang.Boolean" => FieldKind.Flag,
            _ when type.StartsWith("java.util.Map", StringComparison.Ordinal) => FieldKind.Map,
            _ when type.StartsWith("java.util.List", StringComparison.Ordinal)
                    || type.StartsWith("java.util.Set", StringComparison.Ordinal) => FieldKind.List,
            _ => FieldKind.Anything,
        };

    private static ConnectorInstance Instance(InstanceDocument one)
    {
        var status = one.Status!;
        var latest = (status.LatestSinkExceptions ?? [])
            .Concat(status.LatestSourceExceptions ?? [])
            .Concat(status.LatestSystemExceptions ?? [])
            .MaxBy(exception => exception.TimestampMs);
        return new(
            one.InstanceId,
            status.Running,
            status.NumRestarts,
            status.NumReadFromPulsar + status.NumReceivedFromSource,
            status.NumWrittenToSink + status.NumWritten,
            status.NumSinkExceptions + status.NumSourceExceptions + status.NumSystemExceptions,
            At(status.LastReceivedTime),
            Bounded(status.Error is { Length: > 0 } ? status.Error : latest?.ExceptionString),
            At(latest?.TimestampMs ?? 0)
        );
    }

    /// <summary>A message that a function throws at is the message's trouble: the instance goes on with the next one.</summary>
    private static ConnectorInstance FunctionInstance(InstanceDocument one)
    {
        var status = one.Status!;
        var latest = (status.LatestUserExceptions ?? [])
            .Concat(status.LatestSystemExceptions ?? [])
            .MaxBy(exception => exception.TimestampMs);
        var broken = status.Error is { Length: > 0 } error ? error : null;
        return new(
            one.InstanceId,
            status.Running,
            status.NumRestarts,
            status.NumReceived,
            status.NumSuccessfullyProcessed,
            status.NumUserExceptions + status.NumSystemExceptions,
            At(status.LastInvocationTime),
            Bounded(broken ?? latest?.ExceptionString),
            At(latest?.TimestampMs ?? 0)
        )
        {
            IsTroubleOfMessage = broken is null && status.Running,
            AverageLatency = status.NumReceived == 0 ? null : Latency(status.AverageLatency),
        };
    }

    /// <summary>Without a secret in halves: it ends with a whole line.</summary>
    private static string? Bounded(string? exception) =>
        exception is not { Length: > LongestException } ? exception
        : exception[..LongestException] is var start && start.LastIndexOf('\n') is var end and > 0 ? start[..end]
        : "";

    private static TimeSpan? Latency(double milliseconds) =>
        double.IsFinite(milliseconds) && milliseconds is > 0 and < 86_400_000 ? TimeSpan.FromMilliseconds(milliseconds) : null;

    private static DateTimeOffset? At(long milliseconds) => milliseconds > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    /// <summary>A broker without a functions worker answers 409, or 404 where it does not know the path at all.</summary>
    private static Problem? Off(ClusterConnection cluster, PulsarAnswer answer) =>
        answer.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound ? PulsarProblems.ConnectorsOff(cluster.Name)
        : answer.Status == HttpStatusCode.ServiceUnavailable ? PulsarProblems.WorkerStarting(cluster.Name)
        : null;

    private static string Root(ConnectorKind kind) => $"admin/v3/{PulsarPath.Plural(kind)}";

    private static bool Says(PulsarAnswer answer, string words) =>
        Encoding.UTF8.GetString(answer.Body).Contains(words, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^[A-Za-z0-9][-._A-Za-z0-9]{0,99}\z")]
    private static partial Regex PlainName();
}
