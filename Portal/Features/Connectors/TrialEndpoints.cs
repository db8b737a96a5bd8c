using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;
using Portal.Features.Topics;

namespace Portal.Features.Connectors;

/// <summary>Sources and sinks tried before they are made.</summary>
public static class TrialEndpoints
{
    public static IEndpointRouteBuilder MapTrials(this IEndpointRouteBuilder api)
    {
        api.MapPost("/api/v1/organizations/{org}/tenants/{tenant}/connectors/trial", TryAsync)
            .WithTags("Connectors")
            .WithName("TryConnector")
            .WithSummary(
                "Run a connector for a short time without creating it: a sink on copies of a topic's last messages, or a source. "
                    + "What a sink writes to its target is real"
            );
        return api;
    }

    /// <param name="Namespace">Where the connector will live.</param>
    /// <param name="Type">A built-in connector of the tenant's cluster.</param>
    /// <param name="Topic">Of a sink: the topic whose last messages it gets, as namespace/topic, in this tenant. The topic is only
    /// read.</param>
    /// <param name="Messages">1 to 20; 5 by default.</param>
    /// <param name="Configuration">The connector's settings by name, secrets included. Nothing of them is stored.</param>
    /// <param name="Connector">An existing connector in the namespace whose new settings these are: secrets that they leave out are the
    /// saved ones. Leave it out for a new connector.</param>
    public sealed record TryConnectorBody(
        [Needed] string? Namespace,
        [Needed, OneOf("source", "sink")] string? Kind,
        [Needed] string? Type,
        string? Topic,
        int? Messages,
        JsonElement? Configuration,
        string? Connector = null
    );

    /// <param name="Outcome">finished: the sink wrote every message, or the source delivered messages. failing: it stopped or threw an
    /// exception. unfinished: neither in time.</param>
    /// <param name="Sent">Messages handed to a sink.</param>
    /// <param name="Acknowledged">Of those, the ones that the sink confirmed.</param>
    /// <param name="Messages">What a source delivered first, oldest first.</param>
    public sealed record ConnectorTrialBody(
        [OneOf("finished", "failing", "unfinished")] string Outcome,
        int Sent,
        int Acknowledged,
        IReadOnlyList<ConnectorsEndpoints.ConnectorInstanceBody> Instances,
        IReadOnlyList<MessagesEndpoints.MessageBody> Messages
    );

    private static async Task<Answer<ConnectorTrialBody>> TryAsync(
        string org,
        string tenant,
        TryConnectorBody body,
        ApiContext context,
        TryConnector @try,
        CancellationToken cancellationToken
    )
    {
        var known = ConnectorsEndpoints.TryKind(body.Kind, out var kind);
        if (body.Kind is not null && !known)
            return ConnectorsEndpoints.UnknownKind;
        var wanted = new NewTrial(
            body.Namespace,
            kind,
            known ? body.Type : null,
            body.Topic,
            body.Messages ?? 5,
            body.Configuration is { } sent ? ConnectorsEndpoints.ObjectOf(sent) : []
        )
        {
            Of = body.Connector,
        };
        return (await @try.RunAsync(context.Actor, org, tenant, wanted, cancellationToken)).ToOk(trial => new ConnectorTrialBody(
            ConnectorText.Text(trial.End),
            trial.Sent,
            trial.Acknowledged,
            [.. trial.Instances.Select(ConnectorsEndpoints.Body)],
            [.. trial.Messages.Select(MessagesEndpoints.Body)]
        ));
    }
}
