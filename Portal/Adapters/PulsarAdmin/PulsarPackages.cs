using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>Packages on the brokers, and what runs them on the workers.</summary>
internal sealed class PulsarPackages(ClusterConnections clusters, TimeProvider clock) : IFunctionPackages
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20),
        BetweenLooks = TimeSpan.FromMilliseconds(500);

    /// <summary>Of the look at workers, always the same: a look that was cut short is taken away by the next one.</summary>
    private const string LookName = "portal-runtime-check",
        LookTopic = "non-persistent://public/default/portal-runtime-check";

    public Task<Outcome<Done>> UploadAsync(PackageAddress package, Stream content, CancellationToken cancellationToken) =>
        clusters.OnAsync(package.Cluster, connection => UploadAsync(connection, package, content, cancellationToken));

    public Task<Outcome<Done>> DeleteAsync(PackageAddress package, CancellationToken cancellationToken) =>
        clusters.OnAsync(package.Cluster, connection => DeleteAsync(connection, package, cancellationToken));

    public Task<Outcome<RuntimeLook>> LookAtRuntimeAsync(string cluster, CancellationToken cancellationToken) =>
        clusters.OnAsync<RuntimeLook>(
            cluster,
            async connection =>
            {
                var package = new PackageAddress(cluster, "public", "default", LookName, "1");
                var function = PulsarPath.Connector(new(cluster, package.Tenant, package.Namespace, package.Name, ConnectorKind.Function));
                try
                {
                    if ((await connection.SendAsync(HttpMethod.Delete, function, null, cancellationToken)).Problem is { } away)
                        return away;
                    using var source = new MemoryStream("def process(input):\n    return input\n"u8.ToArray());
                    if ((await UploadAsync(connection, package, source, cancellationToken)).Problem is { } problem)
                        return problem;
                    // Python never runs in a worker's own process, so where functions are threads this one can't start.
                    var document = new JsonObject
                    {
                        ["tenant"] = package.Tenant,
                        ["namespace"] = package.Namespace,
                        ["name"] = LookName,
                        ["runtime"] = "PYTHON",
                        ["py"] = package.Url,
                        ["className"] = "check.process",
                        ["inputs"] = new JsonArray(LookTopic),
                        ["subName"] = LookName,
                        ["cleanupSubscription"] = true,
                        ["parallelism"] = 1,
                    };
                    var made = await connection.SendPartAsync(
                        HttpMethod.Post,
                        function,
                        "functionConfig",
                        Encoding.UTF8.GetBytes(document.ToJsonString()),
                        cancellationToken,
                        package.Url
                    );
                    if (!made.TryGet(out var answer, out problem))
                        return problem;
                    if (answer.Status is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
                        return PulsarProblems.ConnectorsOff(cluster);
                    return answer.IsSuccess
                        ? await SeenAsync(connection, function, cancellationToken)
                        : new RuntimeLook(RuntimeFinding.Unknown, PulsarProblems.Reason(answer));
                }
                finally
                {
                    await connection.SendAsync(HttpMethod.Delete, function, null, CancellationToken.None);
                    await DeleteAsync(connection, package, CancellationToken.None);
                }
            }
        );

    private async Task<RuntimeLook> SeenAsync(ClusterConnection connection, string function, CancellationToken cancellationToken)
    {
        var until = clock.GetUtcNow() + Patience;
        string? said = null;
        while (clock.GetUtcNow() < until)
        {
            var asked = await connection.GetAsync($"{function}/status", cancellationToken);
            if (
                asked.TryGet(out var answer, out _)
                && connection.Read(answer, PulsarJson.Default.ConnectorStatusDocument).TryGet(out var status, out _)
                && status.Instances is [{ Status: { } instance }, ..]
            )
            {
                if (instance.Running)
                    return new(RuntimeFinding.Separate, null);
                if (instance.Error is { Length: > 0 } error)
                {
                    if (
                        error.Contains("must be in class path", StringComparison.OrdinalIgnoreCase)
                        || error.Contains("Thread Container", StringComparison.OrdinalIgnoreCase)
                    )
                        return new(RuntimeFinding.Threads, error);
                    said = error;
                }
            }
            await Task.Delay(BetweenLooks, clock, cancellationToken);
        }
        return new(RuntimeFinding.Unknown, said);
    }

    /// <summary>Tells what Portal has stored from what somebody stored with Pulsar's own tools.</summary>
    private const string Mark = "Uploaded by Portal";

    private static async Task<Outcome<Done>> UploadAsync(
        ClusterConnection connection,
        PackageAddress package,
        Stream content,
        CancellationToken cancellationToken
    )
    {
        for (var attempt = 0; ; attempt++)
        {
            if (
                !(await connection.UploadAsync(PulsarPath.Package(package), content, Mark, cancellationToken)).TryGet(
                    out var answer,
                    out var problem
                )
            )
                return problem;
            if (IsOff(answer))
                return PulsarProblems.PackagesOff(connection.Name);
            if (answer.Status != HttpStatusCode.Conflict || attempt > 0)
                return connection.Done(answer);
            if (
                !(await connection.GetAsync($"{PulsarPath.Package(package)}/metadata", cancellationToken)).TryGet(
                    out var known,
                    out problem
                )
            )
                return problem;
            if (known.IsSuccess && !Encoding.UTF8.GetString(known.Body).Contains(Mark, StringComparison.Ordinal))
                return new Problem.Conflict(
                    "package-version-exists",
                    $"The cluster already has version {package.Version} of package '{package.Name}', which wasn't uploaded "
                        + "through Portal. Upload this file under another version.",
                    "version"
                );
            // Ours, of an upload that nobody saw the end of. Functions that run it have a copy of their own.
            if ((await DeleteAsync(connection, package, cancellationToken)).Problem is { } kept)
                return kept;
        }
    }

    private static async Task<Outcome<Done>> DeleteAsync(
        ClusterConnection connection,
        PackageAddress package,
        CancellationToken cancellationToken
    )
    {
        var path = PulsarPath.Package(package);
        if (!(await connection.SendAsync(HttpMethod.Delete, path, null, cancellationToken)).TryGet(out var answer, out var problem))
            return problem;
        if (answer.IsSuccess || answer.Status == HttpStatusCode.NotFound)
            return Outcome.Done;
        if (IsOff(answer))
            return PulsarProblems.PackagesOff(connection.Name);
        // Brokers answer 500 to the deletion of what isn't there.
        return (await connection.GetAsync($"{path}/metadata", cancellationToken)).TryGet(out var left, out problem)
            ? left.Status == HttpStatusCode.NotFound
                ? Outcome.Done
                : connection.Done(answer)
            : problem;
    }

    /// <summary>A broker without package management says so with 503.</summary>
    private static bool IsOff(PulsarAnswer answer) =>
        answer.Status == HttpStatusCode.ServiceUnavailable
        && Encoding.UTF8.GetString(answer.Body).Contains("not enabled", StringComparison.OrdinalIgnoreCase);
}

internal sealed record PackageDocument(string Description);
