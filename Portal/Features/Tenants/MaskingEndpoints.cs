using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Features.Api;

namespace Portal.Features.Tenants;

/// <summary>Fields of a namespace's messages that Portal masks, and for whom.</summary>
public static class MaskingEndpoints
{
    internal static void MapMasking(this RouteGroupBuilder group)
    {
        group
            .MapGet("/{tenant}/namespaces/{namespace}/masking", GetAsync)
            .WithName("GetMasking")
            .WithSummary("Get the message fields that are masked in a namespace, and for which roles");
        group
            .MapPut("/{tenant}/namespaces/{namespace}/masking", SetAsync)
            .WithName("SetMasking")
            .WithSummary("Replace the message fields that are masked in a namespace; owners and admins only");
    }

    /// <param name="Fields">Up to 100. Without any, nothing is masked.</param>
    /// <param name="Roles">That see the fields masked: admin, developer. Owners always see everything.</param>
    public sealed record MaskingBody(IReadOnlyList<MaskedFieldBody>? Fields, IReadOnlyList<string>? Roles);

    /// <param name="Field">payload, key, property:name, or a place in JSON: $.customer.email, $.lines[*].card, $..email for that name at
    /// any depth.</param>
    /// <param name="Topic">The name of a topic. Leave it out to mask the field in every topic of the namespace.</param>
    public sealed record MaskedFieldBody([Needed] string? Field, string? Topic);

    private static async Task<Answer<MaskingBody>> GetAsync(
        string org,
        string tenant,
        string @namespace,
        ApiContext context,
        GetMasking get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, tenant, @namespace, cancellationToken)).ToOk(Body);

    private static async Task<Answer<MaskingBody>> SetAsync(
        string org,
        string tenant,
        string @namespace,
        MaskingBody body,
        ApiContext context,
        SetMasking set,
        CancellationToken cancellationToken
    )
    {
        var roles = new List<Role>();
        foreach (var word in body.Roles ?? [])
        {
            if (word is null || !word.All(char.IsAsciiLetterLower) || !Enum.TryParse<Role>(word, ignoreCase: true, out var role))
                return new Problem.Invalid("mask-role", "Roles that fields can be masked for are admin and developer.", "roles");
            roles.Add(role);
        }
        var rules = (body.Fields ?? [])
            .Select(one => new MaskRule(one?.Field?.Trim() ?? "", string.IsNullOrWhiteSpace(one?.Topic) ? null : one.Topic.Trim()))
            .ToList();
        return (await set.RunAsync(context.Actor, org, tenant, @namespace, new(rules, roles), cancellationToken)).ToOk(Body);
    }

    private static MaskingBody Body(NamespaceMasking masking) =>
        new(
            [.. masking.Rules.Select(rule => new MaskedFieldBody(rule.Field, rule.Topic))],
            [.. masking.Roles.Select(role => role.ToString().ToLowerInvariant())]
        );
}
