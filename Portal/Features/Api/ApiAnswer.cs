using System.IO.Compression;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>
/// What an endpoint of the API answers: its one success, or a <see cref="Problem"/>. The type states the success, so the
/// OpenAPI document knows it; <see cref="ApiFeature"/> refuses to map a handler that returns anything else, and describes
/// the problems of every operation.
/// </summary>
public abstract class ApiAnswer(IResult result) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => result.ExecuteAsync(httpContext);

    private protected static void Describe(EndpointBuilder builder, int status, Type? body, params string[] contentTypes) =>
        builder.Metadata.Add(
            new ProducesResponseTypeMetadata(
                status,
                body ?? typeof(void),
                body is null ? null
                    : contentTypes is [] ? ["application/json"]
                    : contentTypes
            )
        );
}

/// <summary>200 with a body.</summary>
public sealed class Answer<TBody> : ApiAnswer, IEndpointMetadataProvider
{
    private Answer(IResult result)
        : base(result) { }

    internal static Answer<TBody> Of(TBody body) => new(TypedResults.Ok(body));

    public static implicit operator Answer<TBody>(Problem problem) => new(problem.ToResult());

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status200OK, typeof(TBody));
}

/// <summary>
/// 200 with a page: a body with <c>items</c> and <c>next</c>. Only <see cref="ApiContext"/> makes one, out of the page
/// that was asked for, so a list that ignores <c>limit</c> and <c>after</c> does not compile.
/// </summary>
public sealed class ListAnswer<TBody> : ApiAnswer, IEndpointMetadataProvider
{
    private ListAnswer(IResult result)
        : base(result) { }

    internal static ListAnswer<TBody> Of(TBody body) => new(TypedResults.Ok(body));

    public static implicit operator ListAnswer<TBody>(Problem problem) => new(problem.ToResult());

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        Describe(builder, StatusCodes.Status200OK, typeof(TBody));
        builder.Metadata.Add(new PagedMetadata());
    }
}

/// <summary>201 with the address of what was made.</summary>
public sealed class CreatedAnswer<TBody> : ApiAnswer, IEndpointMetadataProvider
{
    private CreatedAnswer(IResult result)
        : base(result) { }

    /// <param name="address">Null for what has no address of its own, such as a message.</param>
    internal static CreatedAnswer<TBody> Of(string? address, TBody body) => new(TypedResults.Created(address, body));

    public static implicit operator CreatedAnswer<TBody>(Problem problem) => new(problem.ToResult());

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status201Created, typeof(TBody));
}

/// <summary>202: accepted; the same object can be read at its address until it is ready.</summary>
public sealed class AcceptedAnswer<TBody> : ApiAnswer, IEndpointMetadataProvider
{
    private AcceptedAnswer(IResult result)
        : base(result) { }

    internal static AcceptedAnswer<TBody> Of(string address, TBody body) => new(TypedResults.Accepted(address, body));

    public static implicit operator AcceptedAnswer<TBody>(Problem problem) => new(problem.ToResult());

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status202Accepted, typeof(TBody));
}

/// <summary>204.</summary>
public sealed class EmptyAnswer : ApiAnswer, IEndpointMetadataProvider
{
    private EmptyAnswer(IResult result)
        : base(result) { }

    internal static EmptyAnswer Done { get; } = new(TypedResults.NoContent());

    public static implicit operator EmptyAnswer(Problem problem) => new(problem.ToResult());

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status204NoContent, null);
}

/// <summary>200 with a file, CSV or JSON Lines, written while it is read.</summary>
public sealed class FileAnswer : ApiAnswer, IEndpointMetadataProvider
{
    public const string Csv = "text/csv";
    public const string JsonLines = "application/jsonl";

    private FileAnswer(IResult result)
        : base(result) { }

    /// <param name="name">With its ending.</param>
    internal static FileAnswer Of(Func<Stream, Task> write, string contentType, string name) =>
        new(TypedResults.Stream(write, contentType, name));

    public static implicit operator FileAnswer(Problem problem) => new(problem.ToResult());

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status200OK, typeof(string), Csv, JsonLines);
}

/// <summary>200 with metrics in Prometheus' text format, written while they are read.</summary>
public sealed class MetricsAnswer : ApiAnswer, IEndpointMetadataProvider
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private MetricsAnswer(IResult result)
        : base(result) { }

    internal static MetricsAnswer Of(Func<Stream, Task> write) => new(new Text(write));

    public static implicit operator MetricsAnswer(Problem problem) => new(problem.ToResult());

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        Describe(builder, StatusCodes.Status200OK, typeof(string), "text/plain");

    /// <summary>Names and labels come again in each line: compressed, which every scraper asks for, it is a thirtieth.</summary>
    private sealed class Text(Func<Stream, Task> write) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (request, response) = (httpContext.Request, httpContext.Response);
            response.ContentType = ContentType;
            response.Headers.Vary = "Accept-Encoding";
            if (
                !request
                    .GetTypedHeaders()
                    .AcceptEncoding.Any(one => one.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && one.Quality != 0)
            )
            {
                await write(response.Body);
                return;
            }
            response.Headers.ContentEncoding = "gzip";
            await using var compressed = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await write(compressed);
        }
    }
}

/// <summary>The endpoint takes <c>limit</c> and <c>after</c>.</summary>
internal sealed class PagedMetadata;

/// <summary>The endpoint takes <c>search</c>.</summary>
internal sealed class SearchMetadata;
