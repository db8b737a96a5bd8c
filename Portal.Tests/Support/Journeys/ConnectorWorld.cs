using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Work;

namespace Portal.Tests.Support.Journeys;

/// <summary>An organization with a topic <c>orders</c>, allowed what its cluster has built in, whose functions worker is watched.</summary>
public sealed class ConnectorWorld : IAsyncDisposable
{
    private readonly TestedCluster _cluster;
    private readonly GatewayWorld _gateway;

    private ConnectorWorld(
        TestedCluster cluster,
        WorkerRecorder recorder,
        PortalHere portal,
        RestClient rest,
        GatewayWorld gateway,
        Actor actor
    ) => (_cluster, Recorder, Portal, Rest, _gateway, Actor) = (cluster, recorder, portal, rest, gateway, actor);

    public PortalHere Portal { get; }
    public WorkerRecorder Recorder { get; }
    public RestClient Rest { get; }

    /// <summary>Who owns it.</summary>
    public Actor Actor { get; }

    /// <summary>The portal's own, for its cluster.</summary>
    public string AdminToken => _cluster.Settings["Portal__Clusters__0__AdminToken"];

    public string Name => _gateway.Tenant;

    public string Tenant => $"/api/v1/organizations/northwind/tenants/{_gateway.Tenant}";

    public T Use<T>()
        where T : notnull => Portal.Services.GetRequiredService<T>();

    /// <param name="pulsar"><c>LocalPulsar</c>, or a version of a real one.</param>
    /// <param name="also">Further settings of the portal.</param>
    /// <param name="replace">What the test puts in the place of an outside system; null for nothing.</param>
    public static async Task<ConnectorWorld> StartAsync(
        string pulsar,
        IReadOnlyDictionary<string, string>? also = null,
        Action<IServiceCollection>? replace = null
    )
    {
        var cluster = await TestedCluster.StartAsync(pulsar);
        var settings = new Dictionary<string, string>(cluster.Settings);
        foreach (var (setting, value) in also ?? new Dictionary<string, string>())
            settings[setting] = value;
        var recorder = WorkerRecorder.Before(settings);
        var portal = await PortalHere.StartAsync(settings, replace: replace);
        var rest = portal.Rest();
        var gateway = new GatewayWorld(portal, rest, "northwind");
        await gateway.CreateAsync("orders");
        await rest.PutAsync($"{GatewayWorld.Operators}/northwind/plan", new JsonObject { ["plan"] = "payg", ["payBy"] = "invoice" });
        var name = (string)(await rest.GetAsync("/api/v1/operator/clusters"))["items"]![0]!["name"]!;
        var there = await portal.Services.GetRequiredService<IConnectorAdmin>().TypesAsync(name, CancellationToken.None);
        await rest.PutAsync(
            $"/api/v1/operator/clusters/{name}/connectors",
            new JsonObject { ["connectors"] = new JsonArray([.. there.Value.Select(type => (JsonNode)type.Key)]) }
        );
        var owner = await portal
            .Services.GetRequiredService<IPortalDatabase>()
            .ReadAsync(
                async session =>
                    await session.Organizations.FirstOwnerAsync(
                        (await session.Organizations.FindAsync("northwind", CancellationToken.None))!.Id,
                        CancellationToken.None
                    ),
                CancellationToken.None
            );
        return new(cluster, recorder, portal, rest, gateway, new Actor(owner, RunningPortal.OperatorEmail, true));
    }

    public Task SendAsync(string text) =>
        Rest.PostAsync(
            $"{Tenant}/namespaces/default/topics/orders/messages",
            new JsonObject { ["payload"] = text },
            HttpStatusCode.Created
        );

    /// <summary>What previews and trials made is deleted again, at the worker and in the namespace, and no work of it is open.</summary>
    public async Task SweptAsync()
    {
        var database = Use<IPortalDatabase>();
        await Eventually.TrueAsync(
            async () =>
                (
                    await database.ReadAsync(
                        session =>
                            session.Work.ListAsync(
                                new WorkFilter(Open: true),
                                new PageRequest(PageRequest.MaxLimit),
                                CancellationToken.None
                            ),
                        CancellationToken.None
                    )
                ).Items.All(item => item.Kind != SweepPreviewWork.Kind),
            "the sweep is over"
        );
        Assert.DoesNotContain(
            "__portal-preview",
            (await _cluster.AdminAsync(HttpMethod.Get, $"persistent/{Name}/default")).ToJsonString(),
            StringComparison.Ordinal
        );
        foreach (
            var made in Recorder.Orders.Where(told =>
                told.Method == "POST"
                && told.Path.Split('/') is [_, _, _, var name]
                && name.StartsWith("portal-preview", StringComparison.Ordinal)
            )
        )
            Assert.Contains(Recorder.Orders, told => told.Method == "DELETE" && told.Path == made.Path);
    }

    public async ValueTask DisposeAsync()
    {
        Rest.Dispose();
        await Portal.DisposeAsync();
        await Recorder.DisposeAsync();
        await _cluster.DisposeAsync();
    }
}
