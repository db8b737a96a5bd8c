using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Topics;

namespace Portal.Domain.Sample;

/// <summary>
/// What the sample company's clients need: keys, one of which is about to expire, and subscriptions. Made by its owner with
/// the use cases that customers have. The keys' tokens are shown to nobody.
/// </summary>
public sealed class SampleClients(SampleSetup setup, CreateKey createKey, CreateSubscription createSubscription, IPortalDatabase database)
{
    private static readonly SampleKey[] Keys =
    [
        new("checkout-service", "alderpine-shop", "orders", KeyPermissions.Produce | KeyPermissions.Consume),
        new("price-importer", "alderpine-shop", "catalog", KeyPermissions.Produce, Expires: TimeSpan.FromDays(9)),
        new("parcel-webhook", "alderpine-logistics", "shipping", KeyPermissions.Produce),
        new("handheld-scanners", "alderpine-logistics", "warehouse", KeyPermissions.Produce | KeyPermissions.Consume),
        new("recommendations", "alderpine-analytics", "events", KeyPermissions.Consume),
    ];

    /// <summary>On topics that get no traffic now: nobody would take their backlog away.</summary>
    private static readonly (string Tenant, string Namespace, string Topic, string Name)[] Subscriptions =
    [
        ("alderpine-shop", "orders", "payment-authorized", "fraud-check"),
        ("alderpine-shop", "orders", "payment-authorized", "accounting"),
        ("alderpine-shop", "catalog", "price-changed", "storefront-cache"),
        ("alderpine-shop", "catalog", "price-changed", "search-index"),
        ("alderpine-logistics", "shipping", "shipment-created", "customer-emails"),
        ("alderpine-logistics", "warehouse", "pick-list", "handhelds"),
    ];

    /// <summary>How many steps it takes to make all.</summary>
    public static int Steps => Keys.Length + Subscriptions.Length;

    /// <summary>Makes the one with this number, from 0; one that is there is left as it is.</summary>
    public async Task<Outcome<Done>> EnsureAsync(
        int number,
        Organization organization,
        SamplePast past,
        CancellationToken cancellationToken
    )
    {
        if (!(await setup.OwnerAsync(cancellationToken)).TryGet(out var owner, out var problem))
            return problem;
        if (number < Keys.Length)
            return await EnsureAsync(owner, Keys[number], organization, past, cancellationToken);
        var (tenant, @namespace, topic, name) = Subscriptions[number - Keys.Length];
        var made = await createSubscription.RunAsync(
            owner,
            organization.Slug,
            tenant,
            @namespace,
            topic,
            name,
            SubscriptionStart.Latest,
            cancellationToken
        );
        return made.Problem is { Code: "subscription-exists" } ? Outcome.Done : made;
    }

    private async Task<Outcome<Done>> EnsureAsync(
        Actor owner,
        SampleKey key,
        Organization organization,
        SamplePast past,
        CancellationToken cancellationToken
    )
    {
        var there = await database.ReadAsync(
            session => session.Keys.ListAsync(organization.Id, Scope.Whole, null, null, new PageRequest(100), cancellationToken),
            cancellationToken
        );
        if (there.Items.Any(one => one.Name == key.Name))
            return Outcome.Done;
        var request = new KeyRequest(
            key.Name,
            key.Tenant,
            key.Namespace,
            Topics: null,
            Patterns: false,
            key.Permissions,
            key.Expires is { } after ? past.AskedAt + after : null
        );
        return (await createKey.RunAsync(owner, organization.Slug, request, cancellationToken)).Map(_ => default(Done));
    }

    private sealed record SampleKey(string Name, string Tenant, string Namespace, KeyPermissions Permissions, TimeSpan? Expires = null);
}
