using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Connectors;

/// <summary>
/// A time in which a connector was meant to run, and did so far as the cluster was told: what the connectors meter counts.
/// It begins when the cluster has taken the connector up, and ends when somebody asks for an end, not when the cluster
/// comes to it.
/// </summary>
public sealed class ConnectorRun
{
    private ConnectorRun() { }

    public ConnectorRun(Connector connector, DateTimeOffset since) =>
        (ConnectorId, OrganizationId, Cluster, Instances, Since) = (
            connector.Id,
            connector.OrganizationId,
            connector.Cluster,
            connector.Instances,
            since
        );

    public long Sequence { get; private set; }
    public ConnectorId ConnectorId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string Cluster { get; private set; } = "";
    public int Instances { get; private set; }
    public DateTimeOffset Since { get; private set; }

    /// <summary>Null while it goes on.</summary>
    public DateTimeOffset? Until { get; private set; }

    /// <summary>Never before it began: a clock may have been set back.</summary>
    public void End(DateTimeOffset at) => Until ??= at > Since ? at : Since;
}

internal static class ConnectorRuns
{
    /// <summary>Ends what runs, because it is no longer wanted.</summary>
    internal static async Task EndRunAsync(
        this IPortalSession session,
        Connector connector,
        DateTimeOffset at,
        CancellationToken cancellationToken
    ) => (await session.Connectors.OpenRunAsync(connector.Id, cancellationToken))?.End(at);

    /// <summary>The organization was suspended or resumed: its connectors follow, whatever their owner wants of them.</summary>
    internal static Task SettleConnectorsAsync(
        this IPortalSession session,
        OrganizationId organization,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => session.SettleConnectorsAsync(organization, _ => true, clock, cancellationToken);

    /// <summary>The same for what publishes: its organization's publishing was blocked, or is no longer.</summary>
    internal static Task SettlePublishersAsync(
        this IPortalSession session,
        OrganizationId organization,
        TimeProvider clock,
        CancellationToken cancellationToken
    ) => session.SettleConnectorsAsync(organization, connector => connector.WrittenTopic is not null, clock, cancellationToken);

    private static async Task SettleConnectorsAsync(
        this IPortalSession session,
        OrganizationId organization,
        Func<Connector, bool> concerned,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        await foreach (var connector in session.AllConnectorsAsync(organization, cancellationToken))
        {
            if (!concerned(connector))
                continue;
            if (!connector.IsWanted || connector.Wish == ConnectorWish.Stop)
                continue;
            await session.EndRunAsync(connector, clock.Now(), cancellationToken);
            connector.Seen(null, clock.Now());
            session.Work.Add(clock, new ApplyConnectorWork(connector.Id, false), connector.Place());
        }
    }

    /// <summary>The cluster runs this many instances from now on.</summary>
    internal static async Task RunsAsync(
        this IPortalSession session,
        Connector connector,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        var open = await session.Connectors.OpenRunAsync(connector.Id, cancellationToken);
        if (open?.Instances == connector.Instances)
            return;
        open?.End(at);
        session.Connectors.Add(new ConnectorRun(connector, at));
    }
}
