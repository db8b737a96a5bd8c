using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using NetEscapades.AspNetCore.SecurityHeaders;
using Portal.Domain.Common;
using Portal.Features.Access;
using Portal.Features.Account;
using Portal.Features.Billing;
using Portal.Features.Credentials;
using Portal.Features.ExternalSignIn;
using Portal.Features.OpenId;
using Portal.Features.Operator;
using Portal.Features.Organizations;
using Portal.Features.Tenants;
using Portal.Features.Topics;
using Portal.Features.Usage;
using Scalar.AspNetCore;

namespace Portal.Features.Api;

/// <summary>The REST API: its JSON, its OpenAPI document at <c>/openapi/v1.json</c>, its endpoints.</summary>
public static class ApiFeature
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            // A field sent twice is a mistake or an attack on whoever reads only one of the two.
            options.SerializerOptions.AllowDuplicateProperties = false;
            options.SerializerOptions.MaxDepth = 32;
        });
        // Unreadable requests reach ApiExceptionHandler in every environment, not only in Development.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Portal";
            document.Info.Description = "Everything that the pages do, for scripts. Authorization: Bearer with an API key. Lists are {items, next} with ?limit=&after=; refusals are application/problem+json with a stable code; Idempotency-Key is honoured on every POST.";
            return Task.CompletedTask;
        }));
        return services;
    }

    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/api", ReadablePage);
        var api = app.MapGroup("").DisableAntiforgery();
        api.MapAccountApi();
        api.MapOrganizations();
        api.MapMembers();
        api.MapTenants();
        api.MapTopics();
        api.MapMessages();
        api.MapKeys();
        api.MapApiKeys();
        api.MapAudit();
        api.MapUsage();
        api.MapUsageCsv();
        api.MapBilling();
        api.MapOperator();
        api.MapViewAs();
        api.MapClusters();
        api.MapOperatorMetering();
        api.MapOpenId();
        api.MapFederation();
        return app;
    }

    /// <summary>The document as a page, from files of our own: nothing is fetched from or told to anybody else.</summary>
    private static void ReadablePage(ScalarOptions options, HttpContext context)
    {
        options.Title = "Portal API";
        options.Nonce = context.GetNonce();
        (options.DefaultFonts, options.Telemetry, options.ShowDeveloperTools) = (false, false, DeveloperToolsVisibility.Never);
        options.Agent = new() { Disabled = true };
        options.Mcp = new() { Disabled = true };
        options.HideClientButton = true;
    }

    /// <summary>What routing and authentication answer with a bare status, as problems with a sentence; null for all other statuses.</summary>
    public static ProblemHttpResult? ForStatus(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => new Problem.Unauthenticated("api-key-refused", "The API key is unknown, was revoked or has expired. Send a valid one as 'Authorization: Bearer …'.").ToResult(),
        StatusCodes.Status403Forbidden => new Problem.Forbidden("forbidden", "This account may not do this.").ToResult(),
        StatusCodes.Status404NotFound => new Problem.NotFound("address-not-found", "There is nothing at this address. The addresses are listed in /openapi/v1.json.").ToResult(),
        StatusCodes.Status405MethodNotAllowed => ApiExceptionHandler.Problem("method-not-allowed", "This address does not know this method. Allow in the answer lists those that it knows.", status),
        StatusCodes.Status415UnsupportedMediaType => ApiExceptionHandler.Problem("content-type-not-json", "Send the body as application/json.", status),
        _ => null,
    };
}

/// <summary>Requests that cannot be read, and what broke on our side, as problem+json with a sentence and a trace id and without internals.</summary>
internal sealed class ApiExceptionHandler : IExceptionHandler
{
    /// <summary>Whether the exception is the caller's doing, which needs no line in the log.</summary>
    public static bool IsOfCaller(Exception exception) => exception is BadHttpRequestException or CursorUnknownException;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // The middleware has put the error page's path in place of the request's.
        PathString asked = httpContext.Features.Get<IExceptionHandlerPathFeature>()?.Path ?? httpContext.Request.Path.Value;
        if (!asked.StartsWithSegments("/api")) return false;
        if (exception is CursorUnknownException cursor)
        {
            await cursor.Problem.ToResult().ExecuteAsync(httpContext);
            return true;
        }
        var result = exception is not BadHttpRequestException bad ? Broken() : bad.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => Problem("body-too-large", "The body is too large.", bad.StatusCode),
            StatusCodes.Status415UnsupportedMediaType => Problem("content-type-not-json", "Send the body as application/json.", bad.StatusCode),
            _ when bad.InnerException is JsonException json => Problem(
                "body-not-json", $"The body is not the JSON that is expected here{(json.Path is { Length: > 1 and < 200 } path ? $": see {path}" : "")}.", StatusCodes.Status400BadRequest),
            _ => Problem("request-malformed", "The request cannot be read: a parameter or the body is missing or of another type. See /openapi/v1.json.", StatusCodes.Status400BadRequest),
        };
        await result.ExecuteAsync(httpContext);
        return true;
    }

    private static ProblemHttpResult Broken() => Problem(
        "unexpected", "Something broke on our side. Try again; if it happens again, tell the operator the traceId.", StatusCodes.Status500InternalServerError, "Something broke");

    internal static ProblemHttpResult Problem(string code, string message, int status, string title = "The request is not right") => TypedResults.Problem(
        message, statusCode: status, title: title, type: $"urn:portal:{code}",
        extensions: new Dictionary<string, object?> { ["code"] = code, ["traceId"] = System.Diagnostics.Activity.Current?.TraceId.ToString() });
}
