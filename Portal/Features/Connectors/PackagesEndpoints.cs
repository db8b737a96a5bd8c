using Microsoft.AspNetCore.Mvc;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Features.Api;

namespace Portal.Features.Connectors;

/// <summary>Customers' own functions.</summary>
public static class PackagesEndpoints
{
    public static IEndpointRouteBuilder MapPackages(this IEndpointRouteBuilder api)
    {
        var tenant = api.MapGroup("/api/v1/organizations/{org}/tenants/{tenant}/packages").WithTags("Functions");
        tenant
            .MapGet("", ListAsync)
            .WithName("ListPackages")
            .WithSummary("List the versions of a tenant's function packages by namespace and name")
            .Searchable();
        tenant
            .MapGet("/{namespace}/{name}", VersionsAsync)
            .WithName("ListPackageVersions")
            .WithSummary("List the versions of a function package, newest first");
        var one = tenant.MapGroup("/{namespace}/{name}/{version}");
        one.MapGet("", GetAsync).WithName("GetPackage").WithSummary("Get a version of a function package");
        // The use case reads up to the plan's limit and puts what it reads on disk.
        one.MapPut("", UploadAsync)
            .WithName("UploadPackage")
            .WithSummary(
                "Upload a jar, a Python file, or a Go binary as a version of a function package; the same file again changes nothing"
            )
            .Accepts<Stream>("application/octet-stream", "*/*")
            .WithMetadata(new DisableRequestSizeLimitAttribute());
        one.MapDelete("", DeleteAsync)
            .WithName("DeletePackage")
            .WithSummary("Delete a version of a function package that no function runs");
        return api;
    }

    /// <param name="Classes">What can run as a function; empty for a Go binary.</param>
    /// <param name="Platform">Of a Go binary: what it is built for. Null for others.</param>
    /// <param name="Sha256">Of the file, in lowercase hex.</param>
    public sealed record PackageBody(
        string Namespace,
        string Name,
        string Version,
        [OneOf("java", "python", "go")] string Runtime,
        IReadOnlyList<string> Classes,
        [OneOf("amd64", "arm64")] string? Platform,
        long Bytes,
        string Sha256,
        string Note,
        [OneOf<StateWords>] string State,
        string CreatedBy,
        DateTimeOffset CreatedAt,
        StateProblemBody? Problem
    );

    /// <param name="Functions">Functions that run this version, as namespace/name.</param>
    public sealed record PackageDetailBody(PackageBody Package, IReadOnlyList<string> Functions);

    private static Task<ListAnswer<PageOf<PackageBody>>> ListAsync(
        string org,
        string tenant,
        ApiContext context,
        ListPackages list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, page, cancellationToken), Body);

    private static Task<ListAnswer<PageOf<PackageDetailBody>>> VersionsAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        ApiContext context,
        ListPackageVersions list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, tenant, @namespace, name, page, cancellationToken), Detail);

    private static async Task<Answer<PackageDetailBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        string version,
        ApiContext context,
        GetPackage get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, name, version, cancellationToken)).ToOk(Detail);

    private static async Task<Answer<PackageBody>> UploadAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        string version,
        string? note,
        HttpRequest request,
        ApiContext context,
        UploadPackage upload,
        CancellationToken cancellationToken
    ) =>
        (
            await upload.RunAsync(
                context.Actor,
                org,
                tenant,
                new(@namespace, name, version, note, request.ContentLength),
                request.Body,
                cancellationToken
            )
        ).ToOk(Body);

    private static async Task<AcceptedAnswer<PackageBody>> DeleteAsync(
        string org,
        string tenant,
        string @namespace,
        string name,
        string version,
        ApiContext context,
        DeletePackage delete,
        CancellationToken cancellationToken
    ) =>
        (await delete.RunAsync(context.Actor, org, tenant, @namespace, name, version, cancellationToken)).ToAccepted(
            going => $"/api/v1/organizations/{org}/tenants/{tenant}/packages/{going.NamespaceName}/{going.Name}/{going.Version}",
            Body
        );

    private static PackageDetailBody Detail(PackageDetail one) => new(Body(one.Package), [.. one.Users.Select(user => user.Path)]);

    private static PackageBody Body(FunctionPackage one) =>
        new(
            one.NamespaceName,
            one.Name,
            one.Version,
            one.Runtime.Text(),
            one.Classes,
            one.Platform,
            one.Bytes,
            one.Sha256,
            one.Note,
            one.State.Text(),
            one.CreatedBy,
            one.CreatedAt,
            one.ProblemMessage is { } message ? new(one.ProblemCode!, message) : null
        );
}
