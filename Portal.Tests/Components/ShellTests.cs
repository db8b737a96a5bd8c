using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Domain.Tenants;
using Portal.Features.Home;
using Portal.Shell;
using Portal.Tests.Support;
using Portal.Ui;

namespace Portal.Tests.Components;

/// <summary>The frame around the pages, and what home says needs somebody.</summary>
public sealed class ShellTests : PageTest
{
    [Theory]
    [InlineData(5, 5, false)]
    [InlineData(6, 4, true)]
    [InlineData(12, 4, true)]
    public void A_phone_shows_what_fits_and_the_rest_behind_more(int places, int shown, bool more)
    {
        var bar = RenderBar(places);
        Assert.Equal(shown, bar.FindAll("nav a").Count);
        Assert.Equal(more ? 1 : 0, bar.FindAll("nav button[data-opens=more-places][aria-haspopup=dialog]").Count);
        Assert.Equal(more ? places - shown : 0, bar.FindAll("dialog#more-places a").Count);
    }

    [Fact]
    public void A_place_behind_more_marks_it_as_where_one_is()
    {
        Use<NavigationManager>().NavigateTo("p5/inside");
        var bar = RenderBar(6);
        Assert.Contains("active", bar.Find("nav button").ClassName, StringComparison.Ordinal);
        Assert.Equal("page", bar.Find("dialog a[href=p5]").GetAttribute("aria-current"));
        Use<NavigationManager>().NavigateTo("p1");
        Assert.True(string.IsNullOrEmpty(RenderBar(6).Find("nav button").ClassName));
    }

    [Fact]
    public async Task Home_says_which_migrations_and_keys_need_somebody()
    {
        await TenantAsync();
        var organization = (await Database.ReadAsync(session => session.Organizations.FindAsync(Org, default), default))!;
        var draft = new ConnectionDraft("kafka.example:9092", "sasl-scram-512", "portal", "s3cret-of-kafka", null);
        KafkaMigration Migration(string name) =>
            Use<CreateMigration>().RunAsync(Owner, Org, "shop", name, draft, default).GetAwaiter().GetResult().Value;
        var (stuck, failed, well) = (Migration("Stuck"), Migration("Failed"), Migration("Well"));
        await InventoryRun.PostponeAsync(Database, Kafka, stuck, KafkaProblems.Silent("kafka.example:9092"));
        stuck = (await Use<GetMigration>().RunAsync(Owner, Org, stuck.Id, default)).Value.Migration;
        var now = Clock.GetUtcNow();
        var items = Attention.Of(
            organization,
            Unready.None,
            now,
            ending: [new EndingKey("web", "shop/default", now.AddDays(3)), new EndingKey("deploy", null, now.AddDays(9))],
            migrations: [new(stuck, MigrationMove.NotStarted), new(failed, MigrationMove.Failed), new(well, MigrationMove.Copying)]
        );
        Assert.Equal(
            [
                "Migration Stuck needs attention",
                "Migration Failed stopped copying",
                "Key web expires in 3 days",
                "API key deploy expires in 9 days",
            ],
            items.Select(item => item.Title)
        );
        Assert.Equal(
            [
                $"o/northwind/migrations/{stuck.Id}?tab=inventory",
                $"o/northwind/migrations/{failed.Id}?tab=copy",
                "o/northwind/tenants/shop?tab=connect",
                "o/northwind/settings/api-keys",
            ],
            items.Select(item => item.Href)
        );
        Assert.Contains("didn't answer in time", items[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_end_soon_are_found_however_many_newer_ones_there_are_and_api_keys_only_by_those_who_may_see_them()
    {
        var tenant = await TenantAsync();
        var soon = Clock.GetUtcNow().AddDays(5);
        // As it stands in the row: creating one waits for its grants.
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var inside = (await session.Tenants.FindNamespaceAsync(tenant.Id, "default", default))!;
                session.Keys.Add(
                    new PulsarKey(new(Guid.CreateVersion7()), inside, "web", KeyPermissions.Produce, true, false, Clock.GetUtcNow(), soon)
                );
                return true;
            },
            default
        );
        Assert.True(
            (await Use<CreateApiKey>().RunAsync(Owner, Org, new ApiKeyRequest("deploy", "developer", null, null, soon), default)).IsOk
        );
        Assert.Equal(
            ["Key web", "API key deploy"],
            (await Use<ListEndingKeys>().RunAsync(Owner, Org, default)).Value.Select(key => key.Title)
        );
        Assert.Equal(
            ["Key web"],
            (await Use<ListEndingKeys>().RunAsync(await MemberAsync(Role.Developer), Org, default)).Value.Select(key => key.Title)
        );
        Assert.Empty((await Use<ListEndingKeys>().RunAsync(await MemberAsync(Role.Viewer, new Scope("else")), Org, default)).Value);
    }

    private IRenderedComponent<PhoneBar> RenderBar(int places) =>
        Render<PhoneBar>(parameters =>
            parameters
                .Add(bar => bar.Name, "Places")
                .Add(
                    bar => bar.Places,
                    [.. Enumerable.Range(1, places).Select(place => new PhoneBar.BarPlace($"p{place}", IconName.Home, $"Place {place}"))]
                )
        );
}
