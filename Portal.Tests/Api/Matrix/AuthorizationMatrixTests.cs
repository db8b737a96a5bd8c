using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;

namespace Portal.Tests.Api.Matrix;

/// <summary>
/// Every use case, endpoint and page, asked for by everybody there is: nobody, each role in the organization, in a tenant
/// and in a namespace, a member of another organization, the members of a suspended one, an expired and a revoked key, an
/// organization's key, an operator, and one who views as the customer. <see cref="AuthorizationMatrix"/> says who may.
/// </summary>
public sealed partial class AuthorizationMatrixTests(MatrixWorld world) : IClassFixture<MatrixWorld>
{
    [Fact]
    public void Every_use_case_endpoint_and_page_has_one_line_in_the_table()
    {
        var useCases = UseCases()
            .ToLookup(
                type => type.GetMethod("RunAsync")!.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(Actor),
                type => type.Name
            );
        var faces = AuthorizationMatrix
            .All.SelectMany(rule => rule.Faces)
            .ToLookup(face => face.StartsWith("page ", StringComparison.Ordinal));
        string[] wrong =
        [
            .. Differences(useCases[true], AuthorizationMatrix.All.Select(rule => rule.UseCase).OfType<string>(), "use case"),
            .. Differences(useCases[false], AuthorizationMatrix.Inside, "use case without an actor"),
            .. Differences(Endpoints(world.Services), [.. faces[false], .. AuthorizationMatrix.OpenIdConnect], "endpoint"),
            .. Differences(Pages(), faces[true], "page"),
        ];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        Assert.All(
            AuthorizationMatrix.All,
            rule => Assert.Equal(rule.Place == Place.Outside, AuthorizationMatrix.Others.Contains(rule.Who))
        );
    }

    [Fact]
    public async Task Everybody_may_what_the_table_says_and_nothing_else_through_use_cases()
    {
        var wrong = new ConcurrentBag<string>();
        world.BeginRequest();
        foreach (var rule in AuthorizationMatrix.All.Where(rule => rule.UseCase is not null))
        {
            var useCase = world.Services.GetRequiredService(UseCases().Single(type => type.Name == rule.UseCase));
            foreach (var (asker, tenant, @namespace) in Asked(rule).Where(asked => asked.Asker is { Actor: not null, IsScript: true }))
            {
                var (answer, detail) = await MatrixCalls.UseCaseAsync(
                    useCase,
                    asker.Actor!,
                    asker.Organization,
                    TenantOf(asker, tenant),
                    @namespace
                );
                Compare(rule, asker, tenant, @namespace, answer, detail, wrong);
            }
        }
        AssertNone(wrong);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everybody_may_what_the_table_says_and_nothing_else_over_HTTP(bool pages)
    {
        var wrong = new ConcurrentBag<string>();
        var calls =
            from rule in AuthorizationMatrix.All
            from face in rule.Faces
            where face.StartsWith("page ", StringComparison.Ordinal) == pages
            from asked in Asked(rule)
            // Some keys no browser has; and the operator who looks in a browser would end the look of the token by EndViewAs.
            where face.Contains(" /api/v1/", StringComparison.Ordinal) ? asked.Asker.IsScript : asked.Asker.HasPages
            select (rule, face, asked);
        await Parallel.ForEachAsync(
            calls,
            new ParallelOptions { MaxDegreeOfParallelism = 4 },
            async (call, _) =>
            {
                var (rule, face, (asker, tenant, @namespace)) = call;
                var (answer, detail) = await MatrixCalls.FaceAsync(
                    world.ClientOf(asker),
                    face,
                    asker.Organization,
                    TenantOf(asker, tenant),
                    @namespace
                );
                Compare(rule, asker, tenant, @namespace, answer, detail, wrong);
            }
        );
        AssertNone(wrong);
    }

    [Fact]
    public async Task Another_organizations_ids_answer_exactly_as_ids_that_do_not_exist()
    {
        var owner = world.ClientOf(world.Askers.Single(asker => asker.Name == "Owner"));
        foreach (
            var face in AuthorizationMatrix
                .All.SelectMany(rule => rule.Faces)
                .Where(face => face.Contains("/api/v1/organizations/{org}", StringComparison.Ordinal))
        )
        {
            var (method, template) = (face[..face.IndexOf(' ')], face[(face.IndexOf(' ') + 1)..]);
            var body = MatrixCalls.Body(method, template, "shop-south", "production");
            var real = await SayAsync(
                owner,
                method,
                MatrixCalls.Path(method, template, MatrixWorld.South, "shop-south", "production"),
                body
            );
            var made = await SayAsync(owner, method, MatrixCalls.Path(method, template, "nowhere", "nothing", "nowhere"), body);
            Assert.True(real == made, $"{face}: {real}\nis not {made}");
            Assert.DoesNotContain("field-unknown", real, StringComparison.Ordinal);
            // Nor does the order tell in which what was sent and who sent it are looked at.
            var (query, nonsense) = MatrixCalls.Nonsense(method, template);
            if (query.Length > 0 || nonsense.Count > 0)
            {
                real = await SayAsync(
                    owner,
                    method,
                    With(MatrixCalls.Path(method, template, MatrixWorld.South, "shop-south", "production"), query),
                    nonsense
                );
                made = await SayAsync(
                    owner,
                    method,
                    With(MatrixCalls.Path(method, template, "nowhere", "nothing", "nowhere"), query),
                    nonsense
                );
                Assert.True(real == made, $"{face} with nonsense: {real}\nis not {made}");
            }
            if (!face.Contains("{tenant}", StringComparison.Ordinal))
                continue;
            // A tenant of somebody else's below one's own organization.
            real = await SayAsync(owner, method, MatrixCalls.Path(method, template, MatrixWorld.North, "shop-south", "production"), body);
            made = await SayAsync(owner, method, MatrixCalls.Path(method, template, MatrixWorld.North, "shop-nobody", "production"), body);
            Assert.True(real.Replace("shop-south", "shop-nobody", StringComparison.Ordinal) == made, $"{face}: {real}\nis not {made}");
        }
    }

    private IEnumerable<(Asker Asker, string Tenant, string Namespace)> Asked(Rule rule) =>
        from asker in world.Askers
        from place in rule.Place is Place.Outside or Place.Whole or Place.Anywhere || asker.Role is null || asker.IsSuspended
            ? MatrixCalls.Places[..1]
            : MatrixCalls.Places
        select (asker, place.Tenant, place.Namespace);

    private static string TenantOf(Asker asker, string tenant) => asker.IsSuspended ? $"{tenant}-{MatrixWorld.Frozen}" : tenant;

    private static void Compare(
        Rule rule,
        Asker asker,
        string tenant,
        string @namespace,
        Answer answer,
        string detail,
        ConcurrentBag<string> wrong
    )
    {
        var expected = Expected(rule, asker, tenant, @namespace);
        // What lies outside the role is not there: no tenant of that name, rather than no right to it.
        if (expected == Answer.NotThere && rule.Place == Place.Touching && detail.Contains("tenant-not-found", StringComparison.Ordinal))
            answer = Answer.NotThere;
        if (answer != expected)
            wrong.Add($"{rule} by {asker} at {tenant}/{@namespace}: {answer}, not {expected} ({detail})");
    }

    private static Answer Expected(Rule rule, Asker asker, string tenant, string @namespace)
    {
        if (rule.Who == AuthorizationMatrix.Everybody)
            return Answer.Allowed;
        if (asker.IsEnded || asker is { Key: null })
            return Answer.SignIn;
        if (rule.Place == Place.Outside)
        {
            var may = rule.Who switch
            {
                AuthorizationMatrix.Account => !asker.IsKey,
                AuthorizationMatrix.Person => !asker.IsKey && !(asker.IsLooking && !asker.IsOperator),
                AuthorizationMatrix.Operator => asker.IsOperator,
                _ => false,
            };
            return may ? Answer.Allowed : Answer.Forbidden;
        }
        if (asker.IsLooking)
            return rule.Has("look") ? Answer.Allowed : Answer.Forbidden;
        if (asker is not { Role: { } role, Scope: { } scope })
            return Answer.NotThere;
        if (!rule.Has(role.ToString()[..1]) || rule.Has("person"))
            return Answer.Forbidden;
        if (asker.IsSuspended)
            return rule.Has("sus") ? Answer.Allowed : Answer.Forbidden;
        var inTenant = scope.Tenant is null || scope.Tenant == tenant;
        return rule.Place switch
        {
            Place.Anywhere => Answer.Allowed,
            Place.Touching => inTenant ? Answer.Allowed : Answer.NotThere,
            Place.Whole => scope.Tenant is null ? Answer.Allowed : Answer.Forbidden,
            Place.Tenant => inTenant && scope.Namespace is null ? Answer.Allowed : Answer.Forbidden,
            _ => inTenant && (scope.Namespace is null || scope.Namespace == @namespace) ? Answer.Allowed : Answer.Forbidden,
        };
    }

    private static void AssertNone(ConcurrentBag<string> wrong) =>
        Assert.True(wrong.IsEmpty, $"{wrong.Count} differ from the table:\n{string.Join('\n', wrong.Order().Take(60))}");

    internal static IEnumerable<Type> UseCases() =>
        typeof(AccessGuard)
            .Assembly.GetTypes()
            .Where(type =>
                type is { IsClass: true, IsSealed: true, IsPublic: true, IsAbstract: false }
                && !Portal.Domain.Work.WorkHandler.PayloadsOf(type).Any()
                && type.GetMethod("RunAsync", BindingFlags.Public | BindingFlags.Instance) is not null
            );

    private static IEnumerable<string> Pages() =>
        from type in typeof(Portal.Hosting.UseCases).Assembly.GetTypes()
        from route in type.GetCustomAttributes<RouteAttribute>()
        select $"page {route.Template}";

    /// <summary>Endpoints other than pages, files and the circuit's.</summary>
    private static IEnumerable<string> Endpoints(IServiceProvider services) =>
        from endpoint in services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let template = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where endpoint.Metadata.All(item => item.GetType().Name is not ("ComponentTypeMetadata" or "StaticAssetDescriptor"))
        where
            !template.StartsWith("/_", StringComparison.Ordinal) && endpoint.RoutePattern.Parameters.All(parameter => !parameter.IsCatchAll)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select $"{method} {template}";

    private static IEnumerable<string> Differences(IEnumerable<string> there, IEnumerable<string> listed, string what)
    {
        var (real, table) = (there.Distinct().ToList(), listed.ToList());
        return real.Except(table)
            .Select(one => $"{what} '{one}' has no line: say in AuthorizationMatrix who may use it")
            .Concat(table.Except(real).Select(one => $"{what} '{one}' has a line but is not there any more"))
            .Concat(
                table.GroupBy(one => one).Where(group => group.Count() > 1).Select(group => $"{what} '{group.Key}' has more than one line")
            );
    }

    private static string With(string path, string query) =>
        query.Length == 0 ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}";

    private static async Task<string> SayAsync(HttpClient client, string method, string path, System.Text.Json.Nodes.JsonObject body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT" or "PATCH")
            request.Content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        return $"{(int)answer.StatusCode} {TraceId().Replace(await answer.Content.ReadAsStringAsync(), "")}";
    }

    [GeneratedRegex("\"traceId\":\"[^\"]*\"")]
    private static partial Regex TraceId();
}
