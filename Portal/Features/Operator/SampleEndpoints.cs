using Portal.Domain.Sample;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>The sample company: a made-up customer to explore.</summary>
public static class SampleEndpoints
{
    /// <param name="State"><c>none</c>, <c>creating</c>, <c>ready</c>, <c>incomplete</c> or <c>removing</c>.</param>
    /// <param name="Organization">Its slug, once it exists.</param>
    /// <param name="Job">The job that creates or removes it, or did so last.</param>
    /// <param name="Done">Percent of the job.</param>
    /// <param name="Message">What the job is doing, why it failed, or why there can't be a sample company.</param>
    public sealed record SampleCompanyBody(
        [OneOf("none", "creating", "ready", "incomplete", "removing")] string State,
        string? Organization,
        string? Job,
        long? Done,
        string? Message
    );

    internal static void MapSample(this RouteGroupBuilder group)
    {
        group.MapGet("/sample", GetAsync).WithName("GetSampleCompany").WithSummary("Get the state of the sample company");
        group
            .MapPost("/sample", CreateAsync)
            .WithName("CreateSampleCompany")
            .WithSummary("Create the sample company, a made-up customer to explore; runs as a job");
        group
            .MapDelete("/sample", RemoveAsync)
            .WithName("RemoveSampleCompany")
            .WithSummary("Remove the sample company and everything that belongs to it; runs as a job");
    }

    private static async Task<Answer<SampleCompanyBody>> GetAsync(
        ApiContext context,
        GetSampleCompany get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, cancellationToken)).ToOk(Body);

    private static Task<AcceptedAnswer<OperatorEndpoints.StartedJobBody>> CreateAsync(
        ApiContext context,
        CreateSampleCompany create,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => create.RunAsync(context.Actor, cancellationToken),
            job => $"/api/v1/operator/jobs/{job.Id}",
            job => new OperatorEndpoints.StartedJobBody(job.Id.ToString())
        );

    private static async Task<AcceptedAnswer<OperatorEndpoints.StartedJobBody>> RemoveAsync(
        ApiContext context,
        RemoveSampleCompany remove,
        CancellationToken cancellationToken
    ) =>
        (await remove.RunAsync(context.Actor, cancellationToken)).ToAccepted(
            job => $"/api/v1/operator/jobs/{job.Id}",
            job => new OperatorEndpoints.StartedJobBody(job.Id.ToString())
        );

    private static SampleCompanyBody Body(SampleStanding standing) =>
        new(
            $"{standing.State}".ToLowerInvariant(),
            standing.Organization?.Slug,
            standing.Work?.Id.ToString(),
            standing.Work?.Done,
            standing.NotOffered?.Message ?? standing.Work?.ProblemMessage ?? standing.Work?.Note
        );
}
