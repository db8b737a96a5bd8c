using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Organizations;

/// <summary>A search finds what the role reaches, and nothing of anybody else.</summary>
public sealed class SearchOrganizationTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Fact]
    public async Task Tenants_and_topics_are_found_by_part_of_their_names_or_an_address()
    {
        await TenantAsync("orders-shop");
        await TopicAsync("orders-shop", "orders");
        await TopicAsync("orders-shop", "payments");

        var found = await FindAsync("ORDER");
        Assert.Equal(["orders-shop"], found.Tenants.Items.Select(tenant => tenant.Name));
        Assert.Equal(["orders"], found.Topics.Items.Select(topic => topic.Name));
        Assert.Equal(["payments"], (await FindAsync("persistent://orders-shop/default/payments")).Topics.Items.Select(topic => topic.Name));
        foreach (var nothing in (string?[])[null, " ", "nowhere", "%", "_", new string('o', 300)])
            Assert.True((await FindAsync(nothing)).IsEmpty, nothing);
    }

    [Fact]
    public async Task A_few_of_each_kind_come_and_that_there_is_more_is_said()
    {
        await TenantAsync();
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var tenant = (await session.Tenants.FindAsync((await session.Organizations.FindAsync(Org, Now))!.Id, "shop", Now))!;
                var inside = (await session.Tenants.FindNamespaceAsync(tenant.Id, "default", Now))!;
                for (var number = 0; number < 9; number++)
                    session.Topics.Add(
                        new Topic(
                            new TopicId(Guid.CreateVersion7()),
                            inside,
                            TopicName.Create($"orders-{number}").Value,
                            true,
                            0,
                            Clock.GetUtcNow()
                        )
                    );
                return true;
            },
            Now
        );
        var found = await FindAsync("orders");
        Assert.Equal(SearchOrganization.MostOfKind, found.Topics.Items.Count);
        Assert.NotNull(found.Topics.Next);
        Assert.Null(found.Tenants.Next);
    }

    [Fact]
    public async Task Who_sees_no_resources_finds_none_and_a_role_in_one_namespace_finds_what_is_in_it()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        Assert.IsType<Problem.Forbidden>(
            (await Use<SearchOrganization>().RunAsync(await MemberAsync(Role.Billing), Org, "orders", Now)).Problem
        );
        var elsewhere = await MemberAsync(Role.Developer, new Scope("shop", "staging"));
        Assert.Empty((await Use<SearchOrganization>().RunAsync(elsewhere, Org, "orders", Now)).Value.Topics.Items);
        var stranger = new Actor(new AccountId(Guid.CreateVersion7()), "mallory@example.com", false);
        Assert.IsType<Problem.NotFound>((await Use<SearchOrganization>().RunAsync(stranger, Org, "orders", Now)).Problem);
    }

    [Fact]
    public async Task Another_organizations_topics_are_not_found()
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        await Use<CreateOrganization>().RunAsync(Owner, "Southwind", "southwind", "free", Now);
        Assert.True((await Use<SearchOrganization>().RunAsync(Owner, "southwind", "orders", Now)).Value.IsEmpty);
    }

    private async Task<Findings> FindAsync(string? words) => (await Use<SearchOrganization>().RunAsync(Owner, Org, words, Now)).Value;
}
