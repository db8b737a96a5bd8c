using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Organizations;

/// <summary>What a search came upon, each kind with whether there is more of it.</summary>
public sealed record Findings(PageOf<Tenant> Tenants, PageOf<Topic> Topics, PageOf<Connector> Connectors, PageOf<PulsarKey> Keys)
{
    public static Findings None { get; } = new(new([], null), new([], null), new([], null), new([], null));

    public bool IsEmpty => Tenants.Items.Count + Topics.Items.Count + Connectors.Items.Count + Keys.Items.Count == 0;
}

/// <summary>Everything of an organization that is called so, as far as the role reaches: a few of each kind, for jumping there.</summary>
public sealed class SearchOrganization(AccessGuard guard, IPortalDatabase database)
{
    public const int MostOfKind = 6;

    /// <summary>Characters; longer than any name.</summary>
    public const int LongestWords = 200;

    /// <param name="words">Part of a name. <c>shop/default/orders</c> and addresses of topics are cut to the last part.</param>
    public async Task<Outcome<Findings>> RunAsync(Actor actor, string organization, string? words, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "organization.search", "", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var part = words?.Trim().TrimEnd('/') ?? "";
        part = part[(part.LastIndexOf('/') + 1)..];
        if (part.Length is 0 or > LongestWords)
            return Findings.None;
        var page = new PageRequest(MostOfKind, Search: part);
        var id = access.Organization.Id;
        return await database.ReadAsync(
            async session => new Findings(
                await session.Tenants.ListAsync(id, access.Scope, page, cancellationToken),
                await session.Topics.ListOfOrganizationAsync(id, access.Scope, null, page, cancellationToken),
                await session.Connectors.ListOfOrganizationAsync(id, access.Scope, page, cancellationToken),
                await session.Keys.ListAsync(id, access.Scope, null, null, page, cancellationToken)
            ),
            cancellationToken
        );
    }
}
