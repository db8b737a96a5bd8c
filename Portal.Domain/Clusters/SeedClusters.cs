using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Clusters;

/// <summary>
/// At every start: writes the clusters of the settings, or the stand-in where there are none, into the table and keeps them
/// in step. One that the settings no longer name stays, and can be changed in the portal, while tenants or work are on it.
/// </summary>
public sealed class SeedClusters(IPortalDatabase database, ISecretSeal seal, TimeProvider clock)
{
    private const string By = "settings";

    /// <param name="named">In the order of the settings.</param>
    public async Task RunAsync(IReadOnlyList<ClusterRegistration> named, CancellationToken cancellationToken)
    {
        var known = await database.ReadAsync(session => session.Clusters.ListAsync(cancellationToken), cancellationToken);
        foreach (var (position, registration) in named.Index())
        {
            if (known.FirstOrDefault(row => row.Name == registration.Name) is { } row && IsInStep(row, registration, position))
                continue;
            var credentials = SealedCredentials.Of(registration, seal);
            await WriteAsync(
                "cluster.seed",
                registration.Name,
                async session =>
                {
                    var cluster = await session.Clusters.FindToChangeAsync(registration.Name, cancellationToken);
                    if (cluster is null)
                        session.Clusters.Add(cluster = new RegisteredCluster(registration.Name, By, clock.Now()));
                    cluster.Seed(registration, position, credentials, By, clock.Now());
                },
                cancellationToken
            );
        }
        foreach (var gone in known.Where(row => row.IsFromSettings && named.All(registration => registration.Name != row.Name)))
        {
            await WriteAsync(
                "cluster.leave-settings",
                gone.Name,
                async session =>
                {
                    var cluster = (await session.Clusters.FindToChangeAsync(gone.Name, cancellationToken))!;
                    if ((await ClusterUse.OfAsync(session, gone.Name, cancellationToken)).IsNone)
                        cluster.Remove(By, clock.Now());
                    else
                        cluster.Release(By, clock.Now());
                },
                cancellationToken
            );
        }
    }

    private bool IsInStep(RegisteredCluster row, ClusterRegistration registration, int position)
    {
        if (!row.IsFromSettings || row.Position != position)
            return false;
        var there = row.Open(seal);
        return !there.IsUnreadable
            && there.AdminToken == registration.AdminToken
            && there.BrokerUrl == registration.BrokerUrl
            && there.IsStandIn == registration.IsStandIn
            && there.Region == registration.Region
            && there.WebSocketUrl?.OriginalString == registration.WebSocketUrl?.OriginalString
            && there.AdminUrls.Select(url => url.OriginalString).SequenceEqual(registration.AdminUrls.Select(url => url.OriginalString))
            && (there.TokenPrivateKey ?? default).Span.SequenceEqual((registration.TokenPrivateKey ?? default).Span);
    }

    private Task<Outcome<Done>> WriteAsync(
        string operation,
        string cluster,
        Func<IPortalSession, Task> change,
        CancellationToken cancellationToken
    ) =>
        database.WriteAsync<Done>(
            Actor.Worker(By),
            null,
            new Operation(Permission.OperatePlatform, operation, cluster),
            async session =>
            {
                await change(session);
                return Outcome.Done;
            },
            cancellationToken
        );
}

/// <summary>What lives on a cluster.</summary>
/// <param name="Tenants">Not deleted.</param>
/// <param name="OpenWork">Of organizations; what comes back forever by itself is not counted.</param>
public sealed record ClusterUse(int Tenants, int OpenWork)
{
    public bool IsNone => Tenants == 0 && OpenWork == 0;

    /// <summary>For example <c>2 tenants and 1 open task</c>.</summary>
    public string Text => string.Join(" and ", new[] { Count(Tenants, "tenant"), Count(OpenWork, "open task") }.OfType<string>());

    internal static async Task<ClusterUse> OfAsync(IPortalSession session, string cluster, CancellationToken cancellationToken) =>
        new(
            await session.Clusters.CountTenantsAsync(cluster, cancellationToken),
            await session.Work.CountOwnedAsync(Lanes.Cluster(cluster), cancellationToken)
        );

    private static string? Count(int number, string what) =>
        number switch
        {
            0 => null,
            1 => $"1 {what}",
            _ => $"{number:N0} {what}s",
        };
}
