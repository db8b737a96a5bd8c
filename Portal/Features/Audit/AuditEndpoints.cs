using Microsoft.AspNetCore.Mvc;
using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Features.Api;

namespace Portal.Features.Audit;

public static class AuditEndpoints
{
    public static IEndpointRouteBuilder MapAudit(this IEndpointRouteBuilder api)
    {
        var organization = api.MapGroup("/api/v1/organizations/{org}/audit").WithTags("Audit");
        organization.MapGet("", ListAsync).WithName("ListAudit").WithSummary("List an organization's audit log, newest first");
        organization
            .MapGet("/export", ExportAsync)
            .WithName("ExportAudit")
            .WithSummary("Download an organization's audit log as CSV or JSON Lines");
        var platform = api.MapGroup("/api/v1/operator/audit").WithTags("Operator");
        platform.MapGet("", ListPlatformAsync).WithName("ListPlatformAudit").WithSummary("List the platform's own audit log, newest first");
        platform
            .MapGet("/export", ExportPlatformAsync)
            .WithName("ExportPlatformAudit")
            .WithSummary("Download the platform's own audit log as CSV or JSON Lines");
        platform
            .MapPost("/verify", VerifyAsync)
            .WithName("VerifyAudit")
            .WithSummary("Verify the hash chains of audit logs, a page of organizations at a time");
        return api;
    }

    /// <param name="Hash">SHA-256 of this record and the hash before it, in hexadecimal.</param>
    public sealed record AuditRecordBody(
        long Sequence,
        DateTimeOffset At,
        string Actor,
        string? OnBehalfOf,
        string Operation,
        string Subject,
        [OneOf("allowed", "refused")] string Outcome,
        IReadOnlyDictionary<string, string> Details,
        string? Address,
        string? TraceId,
        string Hash
    );

    /// <param name="Organization">A slug. Without one, the platform's chain and every organization's.</param>
    public sealed record VerifyAuditBody(string? Organization);

    /// <param name="Organization">Null for the platform's own chain.</param>
    /// <param name="First">Sequence of the first record still kept.</param>
    /// <param name="BrokenAt">Sequence of the first record that was changed, removed or inserted; null if none was.</param>
    public sealed record AuditChainBody(
        string? Organization,
        [OneOf("whole", "broken")] string State,
        long First,
        long Head,
        string HeadHash,
        long? BrokenAt
    );

    /// <summary>What is asked for in the address, the same for lists and files.</summary>
    internal sealed record FilterQuery
    {
        // Properties, not a constructor: the generator of request delegates asks typeof(string?) of its parameters.
        [FromQuery(Name = "from")]
        public DateTimeOffset? From { get; init; }

        [FromQuery(Name = "to")]
        public DateTimeOffset? To { get; init; }

        [FromQuery(Name = "actor")]
        public string? Actor { get; init; }

        [FromQuery(Name = "operation")]
        public string? Operation { get; init; }

        [FromQuery(Name = "outcome"), OneOf("allowed", "refused")]
        public string? Outcome { get; init; }

        [FromQuery(Name = "subject")]
        public string? Subject { get; init; }

        public Outcome<AuditFilter> Read() => AuditFilter.Create(From, To, Actor, Operation, Outcome, Subject);
    }

    internal static AuditRecordBody Body(AuditRecord record) =>
        new(
            record.Sequence,
            record.At,
            record.Actor,
            record.OnBehalfOf,
            record.Operation,
            record.Subject,
            record.Outcome.Text(),
            record.Details,
            record.Address,
            record.TraceId,
            record.Hash
        );

    internal static string Text(this AuditOutcome outcome) => outcome == AuditOutcome.Allowed ? "allowed" : "refused";

    private static async Task<ListAnswer<PageOf<AuditRecordBody>>> ListAsync(
        string org,
        [AsParameters] FilterQuery query,
        ApiContext context,
        ListAudit list,
        CancellationToken cancellationToken
    ) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await context.ListAsync(page => list.RunAsync(context.Actor, org, filter, page, cancellationToken), Body)
            : problem;

    private static async Task<ListAnswer<PageOf<AuditRecordBody>>> ListPlatformAsync(
        [AsParameters] FilterQuery query,
        ApiContext context,
        ListPlatformAudit list,
        CancellationToken cancellationToken
    ) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await context.ListAsync(page => list.RunAsync(context.Actor, filter, page, cancellationToken), Body)
            : problem;

    private static async Task<FileAnswer> ExportAsync(
        string org,
        [OneOf("csv", "jsonl")] string? format,
        [AsParameters] FilterQuery query,
        HttpContext http,
        ApiContext context,
        ExportAudit export,
        CancellationToken cancellationToken
    ) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await AuditFiles.ToFileAsync(
                http,
                format,
                $"audit-{org}",
                stop => export.RunAsync(context.Actor, org, filter, stop),
                cancellationToken
            )
            : problem;

    private static async Task<FileAnswer> ExportPlatformAsync(
        [OneOf("csv", "jsonl")] string? format,
        [AsParameters] FilterQuery query,
        HttpContext http,
        ApiContext context,
        ExportPlatformAudit export,
        CancellationToken cancellationToken
    ) =>
        query.Read().TryGet(out var filter, out var problem)
            ? await AuditFiles.ToFileAsync(
                http,
                format,
                "audit-platform",
                stop => export.RunAsync(context.Actor, filter, stop),
                cancellationToken
            )
            : problem;

    private static Task<ListAnswer<PageOf<AuditChainBody>>> VerifyAsync(
        VerifyAuditBody? body,
        ApiContext context,
        VerifyAudit verify,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => verify.RunAsync(context.Actor, body?.Organization, page, cancellationToken), Body);

    private static AuditChainBody Body(AuditChainState state) =>
        new(
            state.Organization,
            state.Check.Break is null ? "whole" : "broken",
            state.Check.First,
            state.Check.Head.Sequence,
            state.Check.Head.Hash,
            state.Check.Break
        );
}
