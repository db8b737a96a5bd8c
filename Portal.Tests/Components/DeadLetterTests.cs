using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Features.Credentials;
using Portal.Tests.Domain.Billing;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>
/// Whoever consumes a topic puts aside there what it retries or gives up on: its key covers these topics, and no other key does.
/// </summary>
public sealed class DeadLetterTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Fact]
    public async Task A_key_that_consumes_a_topic_covers_its_retry_and_dead_letter_topics_and_sends_there()
    {
        await TenantAsync();
        await CreateAsync(new("orders") { Subscriptions = [new("billing", DeadLetters: true, Retries: true)] });
        await CreateAsync(new("orders-billing"));

        var reader = await KeyAsync("reader", ["orders"], KeyPermissions.Consume);
        var writer = await KeyAsync("writer", ["orders"], KeyPermissions.Produce);
        var other = await KeyAsync("other", ["orders-billing"], KeyPermissions.Consume);
        var letters = await KeyAsync("letters", ["orders-billing-DLQ"], KeyPermissions.Consume);
        await ReadyAsync();

        Assert.Equal(
            ["orders-billing-DLQ: produce and consume", "orders-billing-RETRY: produce and consume", "orders: consume"],
            GrantsOf(reader)
        );
        Assert.Equal(["orders: produce"], GrantsOf(writer));
        Assert.Equal(["orders-billing: consume"], GrantsOf(other));
        // Whoever reads dead letters alone is no consumer of what they come from.
        Assert.Equal(["orders-billing-DLQ: consume"], GrantsOf(letters));
    }

    [Fact]
    public async Task Keys_that_are_there_follow_when_a_subscription_with_dead_letters_is_made_later()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        var reader = await KeyAsync("reader", ["orders"], KeyPermissions.Consume);
        var all = await KeyAsync("all", null, KeyPermissions.Consume);

        var start = SubscriptionStart.Earliest with { DeadLetters = true };
        Assert.True((await Use<CreateSubscription>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", start, Now)).IsOk);
        // Asked for once more by a script: the topic is there.
        Assert.True((await Use<CreateSubscription>().RunAsync(Owner, Org, "shop", "default", "orders", "billing", start, Now)).IsOk);
        await ReadyAsync();

        foreach (var key in new[] { reader, all })
            Assert.Contains("orders-billing-DLQ: produce and consume", GrantsOf(key));
        var aside = (await Use<GetTopic>().RunAsync(Owner, Org, "shop", "default", "orders-billing-DLQ", Now)).Value;
        Assert.Equal("orders", aside.Beside);
        var taken = await Use<CreateSubscription>().RunAsync(Owner, Org, "shop", "default", "orders", new string('b', 195), start, Now);
        Assert.Contains("dead letter topic", taken.Problem?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_publishing_is_blocked_nothing_is_sent_to_them_either()
    {
        await TenantAsync();
        await CreateAsync(new("orders") { Subscriptions = [new("billing", DeadLetters: true)] });
        var reader = await KeyAsync("reader", ["orders"], KeyPermissions.Consume);
        await ReadyAsync();
        await BlockAsync(Publishing.Blocked);
        Assert.Equal(["orders-billing-DLQ: consume", "orders: consume"], GrantsOf(reader));
        await BlockAsync(Publishing.Open);
        Assert.Equal(["orders-billing-DLQ: produce and consume", "orders: consume"], GrantsOf(reader));
    }

    [Fact]
    public async Task The_wizard_says_what_a_chosen_topic_brings_with_it()
    {
        await TenantAsync();
        await CreateAsync(new("orders") { Subscriptions = [new("billing", DeadLetters: true)] });
        await ReadyAsync();
        Use<NavigationManager>().NavigateTo($"o/{Org}/tenants/shop/keys/new?namespace=default&topic=orders&step=access");
        var page = Render<NewKeyPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));

        page.WaitForAssertion(
            () => Assert.Contains("Included with orders", page.Markup, StringComparison.Ordinal),
            TimeSpan.FromSeconds(10)
        );
        Assert.Empty(page.FindAll("#key-topic-orders-billing-DLQ"));
        page.Find("#key-consume").Change(false);
        Assert.DoesNotContain("Included with", page.Markup, StringComparison.Ordinal);
        Assert.False(page.Find("#key-topic-orders-billing-DLQ").HasAttribute("checked"));
    }

    private async Task CreateAsync(NewTopic wanted) =>
        Assert.True((await Use<CreateTopic>().RunAsync(Owner, Org, "shop", "default", wanted, Now)).IsOk);

    private async Task<PulsarKey> KeyAsync(string name, string[]? topics, KeyPermissions permissions)
    {
        // It waits for the broker, on this clock.
        var made = Use<CreateKey>().RunAsync(Owner, Org, new(name, "shop", "default", topics, false, permissions, null), Now);
        while (!made.IsCompleted)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Xunit.TestContext.Current.CancellationToken);
        }
        return (await made).Value.Key;
    }

    /// <summary>Topics come to their cluster, and keys to their grants.</summary>
    private async Task ReadyAsync()
    {
        var pump = new WorkPump(
            Database,
            Clock,
            new CreateTenantStep(Database, Cluster, new KillSwitch(), Clock),
            new NamespaceSteps(Database, Cluster, new KillSwitch(), Clock),
            new TopicSteps(Database, Cluster, Schemas, Use<ITopicKeys>(), Cluster, new KillSwitch(), Clock),
            new KeySteps(Database, Cluster, new CutKeyConnections(Cluster, Cluster, TimeProvider.System), new KillSwitch(), Clock),
            new RestrictKey(Database, Cluster, Clock)
        );
        for (var second = 0; second < 20; second++)
        {
            await pump.RunAsync();
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(pump.Failures);
    }

    private async Task BlockAsync(Publishing publishing)
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, Now))!;
                organization.Cap(publishing);
                await session.SettleProducersAsync(organization, Clock, Now);
                return true;
            },
            Now
        );
        await ReadyAsync();
    }

    private IEnumerable<string> GrantsOf(PulsarKey key) =>
        Cluster
            .Granted.Where(grant => grant.Role == key.Role)
            .Select(grant =>
                $"{grant.Topic}: {Cluster.Actions[grant] switch
    {
        { Produce: true, Consume: true } => "produce and consume",
        { Produce: true } => "produce",
        _ => "consume",
    }}"
            )
            .Order(StringComparer.Ordinal);
}
