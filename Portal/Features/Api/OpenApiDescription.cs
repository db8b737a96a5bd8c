using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.OpenApi;

namespace Portal.Features.Api;

/// <summary>
/// The OpenAPI document beyond what the framework reads off the endpoints: problems, paging, credentials, value sets.
/// It is committed as <c>docs/openapi.json</c>; a test compares the two.
/// </summary>
internal static class OpenApiDescription
{
    private const string BearerScheme = "apiKey";
    private const string OidcScheme = "openIdConnect";

    private static readonly Dictionary<string, string> Parameters = new(StringComparer.Ordinal)
    {
        ["org"] = "The organization's slug.",
        ["tenant"] = "The tenant's name.",
        ["namespace"] = "The namespace's name, without its tenant.",
        ["topic"] = "The topic's name, without its namespace.",
        ["subscription"] = "The subscription's name.",
        ["id"] = "The id from the list.",
        ["number"] = "The invoice's number.",
        ["month"] = "A UTC month, yyyy-MM.",
        ["job"] = "The job's id.",
        ["token"] = "The last part of the link in the email.",
        ["force"] = "true: even while clients are connected.",
        ["from"] = "Start, inclusive.",
        ["to"] = "End, exclusive.",
    };

    public static void Describe(OpenApiOptions options)
    {
        var named = new ConcurrentDictionary<string, Type>();
        options.CreateSchemaReferenceId = type =>
            OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } id ? Only(named, Name(type.Type, id), type.Type) : null;
        options.AddSchemaTransformer(DescribeType);
        options.AddOperationTransformer(DescribeOperation);
        options.AddDocumentTransformer(DescribeDocument);
    }

    /// <summary>Of two types with one name the document would describe the first only, and wrongly the other's answers.</summary>
    private static string Only(ConcurrentDictionary<string, Type> named, string name, Type type)
    {
        var own = Nullable.GetUnderlyingType(type) ?? type;
        var first = named.GetOrAdd(name, own);
        return first == own
            ? name
            : throw new InvalidOperationException($"{first} and {own} would both be '{name}' in the OpenAPI document. Rename one.");
    }

    /// <summary>Records of the edge are named <c>…Body</c>; in the document the thing itself is meant.</summary>
    private static string Name(Type type, string id)
    {
        if (!type.IsGenericType)
            return Bare(id);
        return type.GetGenericTypeDefinition() == typeof(Domain.Common.PageOf<>) ? Bare(type.GetGenericArguments()[0].Name) + "Page" : id;
    }

    private static string Bare(string name) => name.EndsWith("Body", StringComparison.Ordinal) ? name[..^4] : name;

    private static Task DescribeType(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // Whoever generates a client is better off with one kind of integer.
        if (schema.Format == "int32")
            schema.Format = "int64";
        // A bound of the platform's number type is no rule of the API.
        if (schema.Pattern is not null && schema.Type?.HasFlag(JsonSchemaType.String) != true)
            schema.Pattern = null;
        foreach (var property in context.JsonTypeInfo.Properties)
        {
            if (property.AssociatedParameter?.AttributeProvider is not { } attributes)
                continue;
            if (attributes.IsDefined(typeof(NeededAttribute), false))
                (schema.Required ??= new HashSet<string>()).Add(property.Name);
            else
                schema.Required?.Remove(property.Name);
            if (
                schema.Properties is null
                || !schema.Properties.TryGetValue(property.Name, out var found)
                || found is not OpenApiSchema described
            )
                continue;
            foreach (OneOfAttribute words in attributes.GetCustomAttributes(typeof(OneOfAttribute), false))
                Restrict(described, words.Values);
        }
        return Task.CompletedTask;
    }

    /// <summary>A comment's lines end where the source's do; a sentence of the document doesn't.</summary>
    private static void Unwrap(OpenApiDocument document)
    {
        foreach (var schema in document.Components!.Schemas?.Values ?? Enumerable.Empty<IOpenApiSchema>())
        {
            schema.Description = Unwrapped(schema.Description);
            foreach (var property in schema.Properties?.Values ?? Enumerable.Empty<IOpenApiSchema>())
            foreach (var one in (property.OneOf ?? []).Append(property))
                one.Description = Unwrapped(one.Description);
        }

        static string? Unwrapped(string? text) =>
            text is null ? null : string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static void Restrict(OpenApiSchema schema, string[] values)
    {
        if (schema.Type?.HasFlag(JsonSchemaType.Array) == true)
        {
            if (schema.Items is OpenApiSchema items)
                items.Enum = Values(items, values);
            return;
        }
        schema.Enum = Values(schema, values);
    }

    private static List<JsonNode> Values(OpenApiSchema schema, string[] values)
    {
        List<JsonNode> nodes = [.. values.Select(value => (JsonNode)value)];
        if (schema.Type?.HasFlag(JsonSchemaType.Null) == true)
            nodes.Add(JsonNullSentinel.JsonNull);
        return nodes;
    }

    private static Task DescribeOperation(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description ??= Parameters.GetValueOrDefault(parameter.Name ?? "");
            if (parameter.Schema is not OpenApiSchema schema)
                continue;
            var source =
                context.Description.ParameterDescriptions.FirstOrDefault(one => one.Name == parameter.Name)?.ParameterDescriptor
                as IParameterInfoParameterDescriptor;
            foreach (OneOfAttribute words in source?.ParameterInfo.GetCustomAttributes(typeof(OneOfAttribute), false) ?? [])
                Restrict(schema, words.Values);
            if (source?.ParameterInfo.IsDefined(typeof(InstantAttribute), false) == true)
                schema.Format = "date-time";
        }
        operation.Parameters ??= [];
        if (metadata.OfType<PagedMetadata>().Any())
        {
            operation.Parameters.Add(new OpenApiParameterReference("limit", context.Document));
            operation.Parameters.Add(new OpenApiParameterReference("after", context.Document));
        }
        if (metadata.OfType<SearchMetadata>().Any())
            operation.Parameters.Add(new OpenApiParameterReference("search", context.Document));
        if (context.Description.HttpMethod == HttpMethods.Post)
            operation.Parameters.Add(new OpenApiParameterReference("idempotencyKey", context.Document));
        operation.Responses ??= [];
        foreach (var success in operation.Responses.Values.OfType<OpenApiResponse>())
            success.Description = SuccessText(operation, success);
        foreach (var status in StatusesOf(context.Description.HttpMethod!, operation.RequestBody is not null))
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponseReference(
                ResponseName(status),
                context.Document
            );
        operation.Responses["default"] = new OpenApiResponseReference("Problem", context.Document);
        return Task.CompletedTask;
    }

    private static string SuccessText(OpenApiOperation operation, OpenApiResponse success)
    {
        var status = operation.Responses!.First(one => one.Value == success).Key;
        if (status is "201" or "202")
        {
            success.Headers ??= new Dictionary<string, IOpenApiHeader>();
            success.Headers["Location"] = new OpenApiHeader
            {
                Description = "Where it can be read.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "uri-reference" },
            };
        }
        return status switch
        {
            "200" => "OK",
            "201" => "Created",
            "202" => "Accepted. Read it at its Location until its state is ready.",
            "204" => "Done; no content",
            _ => success.Description ?? "",
        };
    }

    /// <summary>
    /// The problems that are worth expecting; whatever else there is has the same shape and is described as <c>default</c>.
    /// </summary>
    private static IEnumerable<int> StatusesOf(string method, bool hasBody)
    {
        yield return StatusCodes.Status400BadRequest;
        yield return StatusCodes.Status401Unauthorized;
        if (method != HttpMethods.Get)
            yield return StatusCodes.Status402PaymentRequired;
        yield return StatusCodes.Status403Forbidden;
        yield return StatusCodes.Status404NotFound;
        yield return StatusCodes.Status409Conflict;
        if (hasBody)
        {
            yield return StatusCodes.Status413PayloadTooLarge;
            yield return StatusCodes.Status415UnsupportedMediaType;
        }
        if (method != HttpMethods.Get)
            yield return StatusCodes.Status422UnprocessableEntity;
        yield return StatusCodes.Status429TooManyRequests;
        yield return StatusCodes.Status500InternalServerError;
        yield return StatusCodes.Status503ServiceUnavailable;
    }

    private static string ResponseName(int status) => ReasonPhrases.GetReasonPhrase(status).Replace(" ", "", StringComparison.Ordinal);

    private static async Task DescribeDocument(
        OpenApiDocument document,
        OpenApiDocumentTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        document.Info = new()
        {
            Title = "Portal",
            Version = "v1",
            Description = """
                Everything the pages do, for scripts.

                Authenticate with `Authorization: Bearer` and a portal API key, or an access token from this portal's own OpenID Connect server.
                Lists answer `{items, next}`: pass `next` as `after` to get the following page.
                Errors are `application/problem+json` with a stable `code`.
                Send an `Idempotency-Key` with any POST, and repeating the request within 24 hours returns the first answer instead of doing it twice.
                Times are UTC, byte counts and amounts in minor units are integers.
                """.ReplaceLineEndings("\n"),
        };
        // The document is the same wherever it is served from.
        document.Servers = [new() { Url = "/" }];
        document.Components ??= new();
        var problem = await context.GetOrCreateSchemaAsync(typeof(ProblemBody), null, cancellationToken);
        document.AddComponent("Problem", problem);
        AddResponses(document);
        AddParameters(document);
        AddSecurity(document);
        Require(document);
        Unwrap(document);
        document.Tags = new HashSet<OpenApiTag>(
            document.Tags?.OrderBy(tag => tag.Name, StringComparer.Ordinal) ?? Enumerable.Empty<OpenApiTag>()
        );
    }

    private static void AddResponses(OpenApiDocument document)
    {
        foreach (var (status, title) in ProblemAnswers.Titles)
            document.AddComponent(ResponseName(status), Response(title + Codes(status)));
        document.AddComponent("Problem", Response("Any other problem"));

        OpenApiResponse Response(string description) =>
            new()
            {
                Description = description,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [ProblemAnswer.ContentType] = new() { Schema = new OpenApiSchemaReference("Problem", document) },
                },
            };
    }

    private static string Codes(int status) =>
        ProblemCodes.Of(status) is { Count: > 0 } codes ? $". Codes: {string.Join(", ", codes.Select(code => $"`{code}`"))}" : "";

    private static void AddParameters(OpenApiDocument document)
    {
        document.AddComponent(
            "limit",
            Query(
                "limit",
                "The number of items at most.",
                new()
                {
                    Type = JsonSchemaType.Integer,
                    Format = "int64",
                    Minimum = "1",
                    Maximum = Domain.Common.PageRequest.MaxLimit.ToString(CultureInfo.InvariantCulture),
                    Default = new Domain.Common.PageRequest().Limit,
                }
            )
        );
        document.AddComponent("after", Query("after", "The `next` of the page before.", new() { Type = JsonSchemaType.String }));
        document.AddComponent("search", Query("search", "Only items whose name contains this.", new() { Type = JsonSchemaType.String }));
        document.AddComponent(
            "idempotencyKey",
            new OpenApiParameter
            {
                Name = "Idempotency-Key",
                In = ParameterLocation.Header,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 255 },
                Description =
                    "A value of your own, unique to this request. Repeating the request with the same key and body within 24 "
                    + "hours returns the first answer.",
            }
        );

        static OpenApiParameter Query(string name, string description, OpenApiSchema schema) =>
            new()
            {
                Name = name,
                In = ParameterLocation.Query,
                Description = description,
                Schema = schema,
            };
    }

    private static void AddSecurity(OpenApiDocument document)
    {
        document.AddComponent(
            BearerScheme,
            new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A portal API key, of an organization or of an account.",
            }
        );
        document.AddComponent(
            OidcScheme,
            new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.OpenIdConnect,
                OpenIdConnectUrl = new Uri("/.well-known/openid-configuration", UriKind.Relative),
                Description = "An access token from this portal's own OpenID Connect server.",
            }
        );
        document.Security =
        [
            new() { [new OpenApiSecuritySchemeReference(BearerScheme, document)] = [] },
            new() { [new OpenApiSecuritySchemeReference(OidcScheme, document)] = [] },
        ];
    }

    /// <summary>What is answered always has all its fields; what is sent has those that the use case needs.</summary>
    private static void Require(OpenApiDocument document)
    {
        var sent = new HashSet<string>(StringComparer.Ordinal);
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>()))
        foreach (var content in operation.RequestBody?.Content?.Values ?? Enumerable.Empty<OpenApiMediaType>())
        foreach (var id in References(content.Schema))
            sent.Add(id);
        var schemas = document.Components!.Schemas ?? new Dictionary<string, IOpenApiSchema>();
        for (var open = new Queue<string>(sent); open.TryDequeue(out var id); )
            foreach (var inside in schemas[id].Properties?.Values.SelectMany(References) ?? [])
                if (sent.Add(inside))
                    open.Enqueue(inside);
        foreach (var (id, schema) in schemas)
        {
            if (schema is not OpenApiSchema { Properties: { Count: > 0 } properties } described)
                continue;
            if (!sent.Contains(id))
                described.Required = new HashSet<string>(
                    properties.Keys.Where(name => id != "Problem" || !OptionalOfProblem.Contains(name))
                );
            else
                foreach (var name in described.Required ?? new HashSet<string>())
                    NeverNull(properties[name]);
        }
    }

    private static readonly HashSet<string> OptionalOfProblem = ["field", "limit", "used", "liftedBy", "retryAfterSeconds"];

    private static void NeverNull(IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema { Type: { } type } described)
            return;
        described.Type = type & ~JsonSchemaType.Null;
        if (described.Enum is { } values)
            described.Enum = [.. values.Where(value => !value.IsJsonNullSentinel())];
    }

    private static IEnumerable<string> References(IOpenApiSchema? schema) =>
        schema switch
        {
            OpenApiSchemaReference reference => [reference.Reference.Id!],
            OpenApiSchema described =>
            [
                .. (described.OneOf ?? []).Concat(described.AnyOf ?? []).SelectMany(References),
                .. References(described.Items),
                .. References(described.AdditionalProperties),
            ],
            _ => [],
        };
}
