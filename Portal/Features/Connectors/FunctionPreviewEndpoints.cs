using System.Text.Json;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Connectors;

/// <summary>What a function would make of messages that are there, without creating it.</summary>
public static class FunctionPreviewEndpoints
{
    public static IEndpointRouteBuilder MapFunctionPreview(this IEndpointRouteBuilder api)
    {
        var tenant = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}").WithTags("Functions");
        tenant
            .MapPost("/functions/preview", PreviewAsync)
            .WithName("PreviewFunction")
            .WithSummary("Try a function on the last 20 messages of a topic, without creating it");
        return api;
    }

    /// <param name="Namespace">Where the function is to live. The copies go there.</param>
    /// <param name="Type">A built-in function of the tenant's cluster.</param>
    /// <param name="Input">The topic whose last messages are tried, as namespace/topic, in this tenant. It is only read.</param>
    /// <param name="Configuration">The function's settings by name.</param>
    public sealed record PreviewFunctionBody(
        [Needed] string? Namespace,
        [Needed] string? Type,
        [Needed] string? Input,
        JsonElement? Configuration
    );

    /// <param name="Messages">Oldest first, up to 20.</param>
    /// <param name="Trouble">The last exception in plain words; null for none.</param>
    public sealed record FunctionPreviewBody(IReadOnlyList<PreviewedMessageBody> Messages, string? Trouble);

    /// <param name="Outcome">passed: it wrote at least one message. filtered: it wrote none. failed: it threw an exception. unfinished: it
    /// wasn't done in time.</param>
    /// <param name="Before">The message in the topic.</param>
    /// <param name="After">What the function wrote.</param>
    public sealed record PreviewedMessageBody(
        [OneOf("passed", "filtered", "failed", "unfinished")] string Outcome,
        Topics.MessagesEndpoints.MessageBody Before,
        IReadOnlyList<Topics.MessagesEndpoints.MessageBody> After
    );

    private static async Task<Answer<FunctionPreviewBody>> PreviewAsync(
        string org,
        string tenant,
        PreviewFunctionBody body,
        ApiContext context,
        PreviewFunction preview,
        CancellationToken cancellationToken
    )
    {
        var wanted = new NewPreview(
            body.Namespace,
            body.Type,
            body.Input,
            body.Configuration is { } sent ? ConnectorsEndpoints.ObjectOf(sent) : []
        )
        {
            Unreadable = FunctionsEndpoints.NoObject(body.Configuration),
        };
        var tried = await preview.RunAsync(context.Actor, org, tenant, wanted, cancellationToken);
        if (tried.Problem is Problem.Invalid { Field: "topic" } invalid)
            tried = new Problem.Invalid(invalid.Code, invalid.Message, "input");
        return tried.ToOk(result => new FunctionPreviewBody(
            [
                .. result.Messages.Select(one => new PreviewedMessageBody(
                    ConnectorText.Text(one.Fate),
                    Topics.MessagesEndpoints.Body(one.Before),
                    [.. one.After.Select(Topics.MessagesEndpoints.Body)]
                )),
            ],
            result.Trouble
        ));
    }
}
