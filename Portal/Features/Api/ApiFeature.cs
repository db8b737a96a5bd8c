using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using NetEscapades.AspNetCore.SecurityHeaders;
using Portal.Domain.Common;
using Portal.Features.Accounts;
using Portal.Features.Audit;
using Portal.Features.Billing;
using Portal.Features.Clusters;
using Portal.Features.Connectors;
using Portal.Features.Credentials;
using Portal.Features.Federation;
using Portal.Features.Migration;
using Portal.Features.Notices;
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
            // One that nobody knows is one that somebody meant: `topic` for `topics` would make a key for all of them.
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            options.SerializerOptions.MaxDepth = 32;
            options.SerializerOptions.TypeInfoResolver = (options.SerializerOptions.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver())
                .WithAddedModifier(NullItems.Refuse)
                .WithAddedModifier(BrokenTexts.Refuse);
        });
        // Unreadable requests reach ApiExceptionHandler in every environment, not only in Development.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddSingleton<LargeAnswers>();
        services.AddExceptionHandler<ApiExceptionHandler>();
        services.AddOpenApi("v1", OpenApiDescription.Describe);
        return services;
    }

    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/api", ReadablePage);
        app.MapGet("/docs", () => Results.LocalRedirect("~/api")).ExcludeFromDescription();
        var api = app.MapGroup("").DisableAntiforgery();
        ((IEndpointConventionBuilder)api).Finally(MustDescribeItself);
        api.MapAccountApi();
        api.MapNotices();
        api.MapStatus();
        api.MapOrganizations();
        api.MapMembers();
        api.MapTenants();
        api.MapTopics();
        api.MapSubscriptions();
        api.MapSchemas();
        api.MapMessages();
        api.MapDeadLetters();
        api.MapConnectorTypes();
        api.MapConnectors();
        api.MapFunctions();
        api.MapFunctionPreview();
        api.MapFunctionChain();
        api.MapManifests();
        api.MapTrials();
        api.MapPackages();
        api.MapMigrations();
        api.MapKeys();
        api.MapApiKeys();
        api.MapAudit();
        api.MapUsage();
        api.MapUsageCsv();
        api.MapTopicMetrics();
        api.MapBilling();
        api.MapInvoices();
        api.MapBudgets();
        api.MapWhatIf();
        api.MapCredits();
        api.MapCreditNotes();
        api.MapTaxIds();
        api.MapBillingTax();
        api.MapPromotions();
        api.MapInvoiceCsv();
        api.MapOperator();
        api.MapBooksCsv();
        api.MapViewAs();
        api.MapClusters();
        api.MapClusterPackages();
        api.MapConnectorTerms();
        api.MapOperatorMetering();
        api.MapOpenId();
        api.MapFederation();
        return app;
    }

    /// <summary>Marks a list that <c>?search=</c> narrows.</summary>
    public static RouteHandlerBuilder Searchable(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new SearchMetadata());

    /// <summary>The start fails on an endpoint of the API whose answer the document could not describe.</summary>
    private static void MustDescribeItself(EndpointBuilder endpoint)
    {
        if (
            endpoint is not RouteEndpointBuilder { RoutePattern.RawText: { } pattern }
            || !pattern.StartsWith("/api/v1", StringComparison.Ordinal)
        )
            return;
        var answers = endpoint.Metadata.OfType<MethodInfo>().LastOrDefault()?.ReturnType;
        if (answers is { IsGenericType: true })
            answers = answers.GetGenericTypeDefinition() == typeof(Task<>) ? answers.GetGenericArguments()[0] : answers;
        if (answers is null || !typeof(ApiAnswer).IsAssignableFrom(answers) || answers.IsAbstract)
            throw new InvalidOperationException(
                $"{pattern} answers {answers?.Name ?? "nothing known"}. An endpoint of the API answers one of the types in "
                    + "ApiAnswer.cs, which describe themselves."
            );
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

    /// <summary>
    /// What binding, routing and authentication answer with a bare status, as problems with a sentence; null for all other statuses.
    /// </summary>
    public static ProblemAnswer? ForStatus(int status) =>
        status switch
        {
            // Generated request delegates throw for all that they cannot bind but a value of an optional parameter.
            StatusCodes.Status400BadRequest => ApiExceptionHandler.Malformed,
            StatusCodes.Status401Unauthorized => new Problem.Unauthenticated(
                "api-key-refused",
                "The API key or token is unknown, revoked or expired. Send a valid one as 'Authorization: Bearer …'."
            ).ToResult(),
            StatusCodes.Status403Forbidden => new Problem.Forbidden(
                "forbidden",
                "Your account doesn't have permission to do this."
            ).ToResult(),
            StatusCodes.Status404NotFound => new Problem.NotFound(
                "address-not-found",
                "There's nothing at this URL. See /openapi/v1.json for all URLs."
            ).ToResult(),
            StatusCodes.Status405MethodNotAllowed => ProblemAnswers.Of(
                "method-not-allowed",
                "This URL doesn't support this method. The Allow header lists the methods it does support.",
                StatusCodes.Status405MethodNotAllowed
            ),
            // The framework reads the body itself, and says no more than the status.
            StatusCodes.Status408RequestTimeout => ApiExceptionHandler.TooSlow,
            StatusCodes.Status413PayloadTooLarge => ApiExceptionHandler.TooLarge,
            StatusCodes.Status415UnsupportedMediaType => ProblemAnswers.Of(
                "content-type-not-json",
                "Send the body as application/json.",
                StatusCodes.Status415UnsupportedMediaType
            ),
            _ => null,
        };
}
