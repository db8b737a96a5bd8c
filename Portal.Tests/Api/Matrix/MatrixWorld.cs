using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Matrix;

/// <summary>Somebody who asks: with a key over HTTP, and as the actor that the key stands for.</summary>
/// <param name="Actor">Null where a credential never becomes an actor.</param>
/// <param name="Role">In the organization that is asked for; null for none.</param>
internal sealed record Asker(
    string Name,
    string? Key,
    Actor? Actor,
    string Organization = MatrixWorld.North,
    Role? Role = null,
    Scope? Scope = null
)
{
    public bool IsLooking { get; init; }
    public bool IsOperator { get; init; }
    public bool IsKey { get; init; }
    public bool IsEnded { get; init; }
    public bool IsSuspended { get; init; }

    /// <summary>Has a session in a browser, and so pages. Its key stands for the cookie.</summary>
    public bool HasPages { get; init; } = true;

    /// <summary>Asked with over the API and for use cases; else for pages alone.</summary>
    public bool IsScript { get; init; } = true;

    public override string ToString() => Name;
}

/// <summary>
/// A portal with a customer (tenants shop and office, each with the namespaces production and staging), another customer,
/// a suspended one, and everybody who may ask.
/// </summary>
public sealed class MatrixWorld : IAsyncLifetime
{
    public const string North = "north";
    public const string South = "south";
    public const string Frozen = "frozen";

    private static readonly CancellationToken Now = CancellationToken.None;
    private static readonly Scope[] Scopes = [Scope.Whole, new("shop"), new("shop", "production")];

    private readonly PortalHost _portal = new()
    {
        Settings = { ["Portal:Limits:ApiRequestsPerSecond"] = "1000000", ["Portal:Limits:ApiBurst"] = "10000000" },
    };
    private readonly Dictionary<string, HttpClient> _clients = [];
    private readonly List<Asker> _askers = [];
    private IServiceScope? _scope;

    internal IReadOnlyList<Asker> Askers => _askers;

    public IServiceProvider Services => _portal.Services;

    public async ValueTask InitializeAsync()
    {
        await FillAsync();
        foreach (var asker in _askers)
            _clients[asker.Name] = asker.Key is { } key
                ? _portal.Api(key)
                : _portal.CreateClient(new() { AllowAutoRedirect = false, HandleCookies = false });
    }

    internal HttpClient ClientOf(Asker asker) => _clients[asker.Name];

    /// <summary>A request around what the calling test does next: a passkey's ceremony is with a browser.</summary>
    public void BeginRequest()
    {
        _scope ??= Services.CreateScope();
        var request = new DefaultHttpContext { RequestServices = _scope.ServiceProvider };
        (request.Request.Scheme, request.Request.Host) = ("http", new HostString("localhost"));
        Services.GetRequiredService<IHttpContextAccessor>().HttpContext = request;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
        _scope?.Dispose();
        await _portal.DisposeAsync();
    }

    private async Task FillAsync()
    {
        var clock = Services.GetRequiredService<TimeProvider>();
        var now = clock.Now();
        await Services
            .GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                async session =>
                {
                    var (north, south, frozen) = (Add(session, clock, North), Add(session, clock, South), Add(session, clock, Frozen));
                    frozen.Suspend("the matrix");
                    // Has the name that the sample company needs, so that none is made here.
                    Add(session, clock, Portal.Domain.Sample.SampleCompany.Slug);
                    foreach (var role in Enum.GetValues<Role>())
                    {
                        foreach (var scope in Scopes)
                            Member(session, clock, north, role, scope);
                        Member(session, clock, frozen, role, Scope.Whole);
                    }
                    var stranger = NewAccount(session, clock, "owner-of-south");
                    session.Organizations.Add(new Membership(south.Id, stranger.Id, Role.Owner, now));
                    _askers.Add(
                        new("a member of another organization", KeyOf(session, clock, stranger), new(stranger.Id, stranger.Email, false))
                    );

                    var grant = new Grant(north.Id, Role.Developer, Scope.Whole);
                    _askers.Add(
                        new(
                            "an organization's key",
                            KeyOf(session, clock, grant),
                            new(null, "key:ci", false) { Grant = grant },
                            Role: Role.Developer,
                            Scope: Scope.Whole
                        )
                        {
                            IsKey = true,
                            HasPages = false,
                        }
                    );
                    _askers.Add(
                        new("an expired key", KeyOf(session, clock, grant, expiresAt: now.AddMinutes(-1)), null)
                        {
                            IsEnded = true,
                            HasPages = false,
                        }
                    );
                    _askers.Add(
                        new("a revoked key", KeyOf(session, clock, grant, revoked: true), null) { IsEnded = true, HasPages = false }
                    );
                    _askers.Add(new("nobody", null, Actor.Anonymous));

                    var first = (await session.Accounts.FindAsync(EmailAddress.Create(PortalHost.OperatorEmail).Value, Now))!.Account;
                    _askers.Add(new("an operator", PortalHost.OperatorKey, new(first.Id, first.Email, true)) { IsOperator = true });
                    var looking = NewAccount(session, clock, "operator-who-looks", isOperator: true);
                    const string Token = StartViewAs.TokenPrefix + "0123456789abcdef";
                    var look = new ViewAs(
                        new(clock.NewUuid()),
                        looking.Id,
                        north.Id,
                        "the matrix",
                        now,
                        now.AddHours(1),
                        StartViewAs.Hash(Token)
                    );
                    session.ViewAs.Add(look);
                    _askers.Add(
                        new(
                            "an operator's token for viewing as the customer",
                            Token,
                            new(looking.Id, looking.Email, false) { ViewAs = look.Id }
                        )
                        {
                            IsLooking = true,
                            HasPages = false,
                        }
                    );
                    _askers.Add(
                        new("an operator viewing as the customer", KeyOf(session, clock, looking), new(looking.Id, looking.Email, true))
                        {
                            IsLooking = true,
                            IsOperator = true,
                            IsScript = false,
                        }
                    );
                    return true;
                },
                Now
            );
    }

    private void Member(IPortalSession session, TimeProvider clock, Organization organization, Role role, Scope scope)
    {
        var account = NewAccount(session, clock, $"{role}-{scope}-{organization.Slug}".Replace('/', '-'));
        session.Organizations.Add(new Membership(organization.Id, account.Id, role, clock.Now(), scope));
        var frozen = organization.State == OrganizationState.Suspended;
        var name = $"{role}{(frozen ? " of a suspended organization" : scope.IsWhole ? "" : $" in {scope}")}";
        _askers.Add(
            new(name, KeyOf(session, clock, account), new(account.Id, account.Email, false), organization.Slug, role, scope)
            {
                IsSuspended = frozen,
            }
        );
    }

    internal static Organization Add(IPortalSession session, TimeProvider clock, string slug)
    {
        var now = clock.Now();
        var organization = new Organization(new(clock.NewUuid()), Slug.Create(slug).Value, slug, now);
        session.Organizations.Add(organization);
        session.Organizations.Add(new PlanPeriod(organization.Id, Portal.Domain.Access.PlanCode.Free, now.HourStart()));
        foreach (var name in new[] { "shop", "office" })
        {
            // Names are given once on the platform: the other customers have tenants of other names.
            var tenant = new Tenant(
                new(clock.NewUuid()),
                organization.Id,
                TenantName.Create(slug == North ? name : $"{name}-{slug}").Value,
                "local",
                now
            );
            tenant.Ready(now);
            session.Tenants.Add(tenant);
            foreach (var inside in new[] { "production", "staging" })
            {
                var @namespace = new Namespace(new(clock.NewUuid()), tenant, NamespaceName.Create(inside).Value, now);
                @namespace.Ready(now);
                session.Tenants.Add(@namespace);
            }
        }
        return organization;
    }

    private static Account NewAccount(IPortalSession session, TimeProvider clock, string name, bool isOperator = false)
    {
        var state = AccountState.New(new(clock.NewUuid()), EmailAddress.Create($"{name}@example.com").Value, null, clock.Now()).Verified();
        state = state with { Account = state.Account with { IsOperator = isOperator } };
        session.Accounts.Add(state);
        return state.Account;
    }

    private static string KeyOf(IPortalSession session, TimeProvider clock, Account account)
    {
        var text = ApiKeyText.New();
        session.ApiKeys.Add(ApiKey.OfAccount(new(clock.NewUuid()), account, "matrix", text, null, clock.Now(), null));
        return text;
    }

    private static string KeyOf(
        IPortalSession session,
        TimeProvider clock,
        Grant grant,
        DateTimeOffset? expiresAt = null,
        bool revoked = false
    )
    {
        var text = ApiKeyText.New();
        var key = ApiKey.OfOrganization(
            new(clock.NewUuid()),
            grant,
            "ci",
            text,
            new(clock.NewUuid()),
            "somebody",
            clock.Now().AddDays(-1),
            expiresAt
        );
        if (revoked)
            key.Revoke(clock.Now());
        session.ApiKeys.Add(key);
        return text;
    }
}
