using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Sources and sinks on the functions workers. Only built-in ones: no address of a package is ever sent.</summary>
internal sealed partial class PulsarConnectors(ClusterConnections clusters) : IConnectorAdmin
{
    public Task<Outcome<IReadOnlyList<ConnectorType>>> TypesAsync(string cluster, CancellationToken cancellationToken) =>
        clusters.OnAsync<IReadOnlyList<ConnectorType>>(cluster, async connection =>
        {
            var types = new List<ConnectorType>();
            foreach (var kind in Enum.GetValues<ConnectorKind>())
            {
                if (!(await connection.GetAsync($"{Root(kind)}/builtin{Plural(kind)}", cancellationToken)).TryGet(out var answer, out var problem)) return problem;
                if (Off(connection, answer) is { } off) return off;
                if (!connection.Read(answer, PulsarJson.Default.ConnectorDocumentArray).TryGet(out var found, out problem)) return problem;
                types.AddRange(found.Where(one => one.Name is not null && PlainName().IsMatch(one.Name)).OrderBy(one => one.Name, StringComparer.Ordinal)
                    .Select(one => new ConnectorType(kind, one.Name!, one.Description)));
            }
            return types;
        });

    public Task<Outcome<IReadOnlyList<ConnectorField>>> FieldsAsync(string cluster, ConnectorType type, CancellationToken cancellationToken) =>
        clusters.OnAsync<IReadOnlyList<ConnectorField>>(cluster, async connection =>
        {
            var path = $"{Root(type.Kind)}/builtin{Plural(type.Kind)}/{Uri.EscapeDataString(type.Name)}/configdefinition";
            if (!(await connection.GetAsync(path, cancellationToken)).TryGet(out var answer, out var problem)) return problem;
            if (Off(connection, answer) is { } off) return off;
            return connection.Read(answer, PulsarJson.Default.FieldDocumentArray)
                .Map<IReadOnlyList<ConnectorField>>(fields => [.. fields.Where(field => field.FieldName is not null).Select(Field)]);
        });

    public Task<Outcome<Done>> EnsureAsync(WantedConnector connector, CancellationToken cancellationToken) => clusters.OnAsync(connector.Address.Cluster, async connection =>
    {
        var (path, part) = (PulsarPath.Connector(connector.Address), connector.Address.Kind == ConnectorKind.Source ? "sourceConfig" : "sinkConfig");
        var json = Encoding.UTF8.GetBytes(Document(connector).ToJsonString());
        if (!(await connection.SendPartAsync(HttpMethod.Post, path, part, json, cancellationToken)).TryGet(out var answer, out var problem)) return problem;
        if (answer.Status == HttpStatusCode.BadRequest && Says(answer, "already exists"))
        {
            if (!(await connection.SendPartAsync(HttpMethod.Put, path, part, json, cancellationToken)).TryGet(out answer, out problem)) return problem;
            if (answer.Status == HttpStatusCode.BadRequest && Says(answer, "no change")) return Outcome.Done;
        }
        if (Off(connection, answer) is { } off) return off;
        return answer.Status == HttpStatusCode.BadRequest ? PulsarProblems.ConnectorRefused(answer) : connection.Done(answer);
    });

    public Task<Outcome<Done>> StartAsync(ConnectorAddress connector, CancellationToken cancellationToken) => ActAsync(connector, "start", cancellationToken);

    public Task<Outcome<Done>> StopAsync(ConnectorAddress connector, CancellationToken cancellationToken) => ActAsync(connector, "stop", cancellationToken);

    public Task<Outcome<Done>> RestartAsync(ConnectorAddress connector, CancellationToken cancellationToken) => ActAsync(connector, "restart", cancellationToken);

    public Task<Outcome<Done>> DeleteAsync(ConnectorAddress connector, CancellationToken cancellationToken) => clusters.OnAsync(connector.Cluster, async connection =>
    {
        if (!(await connection.SendAsync(HttpMethod.Delete, PulsarPath.Connector(connector), null, cancellationToken)).TryGet(out var answer, out var problem)) return problem;
        if (answer.Status == HttpStatusCode.NotFound) return Outcome.Done;
        return Off(connection, answer) is { } off ? off : connection.Done(answer);
    });

    public Task<Outcome<ConnectorStatus>> StatusAsync(ConnectorAddress connector, CancellationToken cancellationToken) => clusters.OnAsync<ConnectorStatus>(connector.Cluster, async connection =>
    {
        if (!(await connection.GetAsync($"{PulsarPath.Connector(connector)}/status", cancellationToken)).TryGet(out var answer, out var problem)) return problem;
        if (answer.Status == HttpStatusCode.NotFound) return PulsarProblems.ConnectorMissing(connector.Name);
        // The worker fails to put an exception without a text into its answer.
        if (answer.Status == HttpStatusCode.InternalServerError && Says(answer, "NullPointerException")) return new ConnectorStatus([], IsObscure: true);
        if (Off(connection, answer) is { } off) return off;
        return connection.Read(answer, PulsarJson.Default.ConnectorStatusDocument)
            .Map(status => new ConnectorStatus([.. (status.Instances ?? []).Where(one => one.Status is not null).OrderBy(one => one.InstanceId).Select(Instance)]));
    });

    private Task<Outcome<Done>> ActAsync(ConnectorAddress connector, string act, CancellationToken cancellationToken) => clusters.OnAsync(connector.Cluster, async connection =>
    {
        if (!(await connection.SendAsync(HttpMethod.Post, $"{PulsarPath.Connector(connector)}/{act}", null, cancellationToken)).TryGet(out var answer, out var problem)) return problem;
        if (answer.Status == HttpStatusCode.NotFound) return PulsarProblems.ConnectorMissing(connector.Name);
        // It is already as it is asked to be.
        if (answer.Status == HttpStatusCode.BadRequest && Says(answer, "not permitted")) return Outcome.Done;
        return Off(connection, answer) is { } off ? off : connection.Done(answer);
    });

    private static JsonObject Document(WantedConnector connector)
    {
        var (address, document) = (connector.Address, new JsonObject());
        document["tenant"] = address.Tenant;
        document["namespace"] = address.Namespace;
        document["name"] = address.Name;
        document["archive"] = $"builtin://{connector.Type}";
        document["parallelism"] = connector.Instances;
        document["processingGuarantees"] = connector.Guarantee switch { Guarantee.AtMostOnce => "ATMOST_ONCE", Guarantee.EffectivelyOnce => "EFFECTIVELY_ONCE", _ => "ATLEAST_ONCE" };
        document["configs"] = connector.Configuration.DeepClone();
        if (address.Kind == ConnectorKind.Source)
        {
            document["topicName"] = connector.Topics[0];
            return document;
        }
        document["inputs"] = new JsonArray([.. connector.Topics.Select(topic => (JsonNode)topic)]);
        document["sourceSubscriptionName"] = connector.Subscription;
        document["cleanupSubscription"] = false;
        document["autoAck"] = true;
        return document;
    }

    private static ConnectorField Field(FieldDocument field)
    {
        var attributes = field.Attributes ?? [];
        return new(
            field.FieldName!, KindOf(field.TypeName ?? ""), attributes.GetValueOrDefault("required") == "true", attributes.GetValueOrDefault("defaultValue") is { Length: > 0 } value ? value : null,
            attributes.GetValueOrDefault("help"), attributes.GetValueOrDefault("sensitive") == "true");
    }

    private static FieldKind KindOf(string type) => type switch
    {
        "java.lang.String" => FieldKind.Text,
        "int" or "java.lang.Integer" or "short" or "java.lang.Short" => FieldKind.Whole,
        "long" or "java.lang.Long" => FieldKind.LargeWhole,
        "double" or "java.lang.Double" or "float" or "java.lang.Float" => FieldKind.Number,
        "boolean" or "java.lang.Boolean" => FieldKind.Flag,
        _ when type.StartsWith("java.util.Map", StringComparison.Ordinal) => FieldKind.Map,
        _ when type.StartsWith("java.util.List", StringComparison.Ordinal) || type.StartsWith("java.util.Set", StringComparison.Ordinal) => FieldKind.List,
        _ => FieldKind.Anything,
    };

    private static ConnectorInstance Instance(InstanceDocument one)
    {
        var status = one.Status!;
        var latest = (status.LatestSinkExceptions ?? []).Concat(status.LatestSourceExceptions ?? []).Concat(status.LatestSystemExceptions ?? []).MaxBy(exception => exception.TimestampMs);
        return new(
            one.InstanceId, status.Running, status.NumRestarts, status.NumReadFromPulsar + status.NumReceivedFromSource, status.NumWrittenToSink + status.NumWritten,
            status.NumSinkExceptions + status.NumSourceExceptions + status.NumSystemExceptions, At(status.LastReceivedTime),
            ExceptionWords.Of(status.Error is { Length: > 0 } ? status.Error : latest?.ExceptionString), At(latest?.TimestampMs ?? 0));
    }

    private static DateTimeOffset? At(long milliseconds) => milliseconds > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    /// <summary>A broker without a functions worker answers 409, or 404 where it does not know the path at all.</summary>
    private static Problem? Off(ClusterConnection cluster, PulsarAnswer answer) =>
        answer.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound ? PulsarProblems.ConnectorsOff(cluster.Name)
        : answer.Status == HttpStatusCode.ServiceUnavailable ? PulsarProblems.WorkerStarting(cluster.Name) : null;

    private static string Plural(ConnectorKind kind) => kind == ConnectorKind.Source ? "sources" : "sinks";

    private static string Root(ConnectorKind kind) => $"admin/v3/{Plural(kind)}";

    private static bool Says(PulsarAnswer answer, string words) => Encoding.UTF8.GetString(answer.Body).Contains(words, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^[A-Za-z0-9][-._A-Za-z0-9]{0,99}\z")]
    private static partial Regex PlainName();
}

internal sealed record ConnectorDocument(string? Name, string? Description);

internal sealed record FieldDocument(string? FieldName, string? TypeName, Dictionary<string, string>? Attributes);

internal sealed record ConnectorStatusDocument(InstanceDocument[]? Instances);

internal sealed record InstanceDocument(int InstanceId, InstanceStatusDocument? Status);

internal sealed record InstanceStatusDocument(
    bool Running, string? Error, long NumRestarts, long NumReadFromPulsar, long NumReceivedFromSource, long NumWrittenToSink, long NumWritten, long NumSinkExceptions,
    long NumSourceExceptions, long NumSystemExceptions, ExceptionDocument[]? LatestSinkExceptions, ExceptionDocument[]? LatestSourceExceptions,
    ExceptionDocument[]? LatestSystemExceptions, long LastReceivedTime);

internal sealed record ExceptionDocument(string? ExceptionString, long TimestampMs);
