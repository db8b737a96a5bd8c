using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Topics;

/// <summary>Fields that not everybody sees: masked before they are searched, shown or written down.</summary>
public sealed class MaskingTests : PageTest
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Theory]
    [InlineData("$.customer.email", """{"customer":{"email":"a@b.c","id":7}}""", """{"customer":{"email":"•••","id":7}}""")]
    [InlineData(
        "$.lines[*].card",
        """{"lines":[{"card":"1"},{"card":2,"x":3},5]}""",
        """{"lines":[{"card":"•••"},{"card":"•••","x":3},5]}"""
    )]
    [InlineData("$.lines[1]", """{"lines":[1,{"a":2},3]}""", """{"lines":[1,"•••",3]}""")]
    [InlineData(
        "$..email",
        """{"email":{"deep":1},"a":[{"b":{"email":"x"}}],"emails":"stays"}""",
        """{"email":"•••","a":[{"b":{"email":"•••"}}],"emails":"stays"}"""
    )]
    [InlineData("$['odd name'].x", """{"odd name":{"x":"ü"},"y":"ü"}""", """{"odd name":{"x":"•••"},"y":"ü"}""")]
    [InlineData("$.gone", """{"a":1}""", """{"a":1}""")]
    [InlineData("payload", """{"a":1}""", "•••")]
    // What can't be looked into is hidden whole.
    [InlineData("$.a", "secret text", "•••")]
    [InlineData("$.a", """{"a":1}{"a":2}""", "•••")]
    [InlineData("$.a", """{"a":1,"a":"secret"}""", "•••")]
    public async Task A_field_is_masked_where_it_is(string field, string payload, string shown)
    {
        await OrdersAsync(field);
        Hold(payload);
        var read = (await ReadAsync(await MemberAsync(Role.Developer))).Single();
        Assert.Equal((shown, true, payload.Length), (Text(read), read.IsMasked, read.Size));
        // Owners see everything.
        Assert.Equal((payload, false), (Text((await ReadAsync(Owner)).Single()), (await ReadAsync(Owner)).Single().IsMasked));
    }

    /// <summary>Depth times depth would be more work than any machine has.</summary>
    [Fact]
    public void Names_at_any_depth_may_be_written_many_times_in_one_field()
    {
        var document = System.Text.Json.Nodes.JsonNode.Parse(string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60))!;
        MaskField.Parse("$" + string.Concat(Enumerable.Repeat("..a", 60))).Value.Apply(document);
        Assert.Contains(
            "\"a\":\"•••\"",
            document.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task What_is_masked_is_not_found_either()
    {
        await OrdersAsync("$.email", "key", "property:card");
        Hold("""{"email":"a@b.c"}""", "k1", ("card", "4242"), ("till", "7"));
        var member = await MemberAsync(Role.Developer);
        foreach (
            var filter in new[]
            {
                MessageFilter.Create("k1", null, null),
                MessageFilter.Create(null, "card=4242", null),
                MessageFilter.Create(null, null, "a@b.c"),
                MessageFilter.Create(null, null, null, "$.email=a@b.c"),
            }
        )
        {
            Assert.Empty(await ReadAsync(member, filter.Value));
            Assert.Single(await ReadAsync(Owner, filter.Value));
        }
        var read = (await ReadAsync(member, MessageFilter.Create(null, "till=7", null).Value)).Single();
        Assert.Equal(("•••", "•••", "7"), (read.Key, read.Properties["card"], read.Properties["till"]));
        Subscriptions.There["billing"] = Portal.Tests.Support.Fakes.StandingSubscriptions.Waiting("billing", 1);
        Subscriptions.Next.AddRange(Cluster.Held);
        Assert.Equal(
            """{"email":"•••"}""",
            Text((await Use<PeekMessages>().RunAsync(member, Org, "shop", "default", "orders", "billing", null, null, Now)).Value.Single())
        );
        using var watch = (await Use<FollowMessages>().RunAsync(member, Org, "shop", "default", "orders", null, Now)).Value;
        await Portal.Tests.Support.Journeys.Eventually.TrueAsync(() => Task.FromResult(Cluster.Feeds.Open == 1), "it is followed");
        Cluster.Feeds.Send(Cluster.Held[0]);
        Assert.Equal("•••", (await watch.NextAsync(TimeSpan.FromMinutes(1), Now)).Value.Items.Single().Key);
    }

    [Fact]
    public async Task A_value_that_was_decoded_is_masked_and_its_bytes_are_not_shown()
    {
        await OrdersAsync("$.email");
        var message = new Message("1:1", null, new Dictionary<string, string>(), new byte[] { 1, 2, 3 }, Clock.GetUtcNow(), 3)
        {
            Decoded = new("AVRO", 1, """{"email":"a@b.c","n":1}""", null),
        };
        Subscriptions.There["billing"] = Portal.Tests.Support.Fakes.StandingSubscriptions.Waiting("billing", 1);
        Subscriptions.Next.Add(message);
        var read = (
            await Use<PeekMessages>()
                .RunAsync(await MemberAsync(Role.Developer), Org, "shop", "default", "orders", "billing", null, null, Now)
        ).Value.Single();
        Assert.Equal(("•••", """{"email":"•••","n":1}"""), (Text(read), read.Decoded?.Json));
    }

    [Fact]
    public async Task A_rule_for_one_topic_leaves_the_others()
    {
        await OrdersAsync();
        await TopicAsync("shop", "returns");
        Assert.True((await SetAsync(Owner, new([new("payload", "returns")], [Role.Developer]))).IsOk);
        Hold("plain");
        Assert.Equal("plain", Text((await ReadAsync(await MemberAsync(Role.Developer))).Single()));
    }

    [Theory]
    [InlineData("orders-billing-DLQ", true)]
    [InlineData("orders-billing-RETRY", true)]
    [InlineData("orders-billing-DLQ-audit-DLQ", true)]
    [InlineData("orders-billing", false)]
    [InlineData("ordersandmore-DLQ", false)]
    public void A_rule_for_one_topic_holds_for_what_its_consumers_gave_up_on(string topic, bool masked) =>
        Assert.Equal(masked, MessageMask.Holds(new("key", "orders"), topic));

    [Fact]
    public async Task Owners_and_admins_set_it_and_it_is_recorded()
    {
        await OrdersAsync();
        var masking = new NamespaceMasking([new("$..email"), new("key", "orders")], [Role.Developer]);
        Assert.Equal("role-missing", (await SetAsync(await MemberAsync(Role.Developer), masking)).Problem?.Code);
        Assert.True((await SetAsync(await MemberAsync(Role.Admin), masking)).IsOk);
        var shown = (await Use<GetMasking>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", "default", Now)).Value;
        Assert.Equal(masking.Rules, shown.Rules);
        var record = (
            await Use<Portal.Domain.Audit.ListAudit>().RunAsync(Owner, Org, new(Operation: "namespace.set-masking"), new(), Now)
        ).Value.Items.First(one => one.Outcome == AuditOutcome.Allowed);
        Assert.Equal(("$..email, orders: key", "developer"), (record.Details["fields"], record.Details["roles"]));
    }

    [Theory]
    [InlineData("", "mask-malformed")]
    [InlineData("email", "mask-malformed")]
    [InlineData("$.", "mask-malformed")]
    [InlineData("$.a[x]", "mask-malformed")]
    [InlineData("$.a[", "mask-malformed")]
    [InlineData("property:", "mask-malformed")]
    public async Task What_is_no_field_is_refused(string field, string code)
    {
        await OrdersAsync();
        Assert.Equal(code, (await SetAsync(Owner, new([new(field)], [Role.Developer]))).Problem?.Code);
    }

    [Fact]
    public async Task Roles_that_see_everything_or_nothing_cannot_be_named()
    {
        await OrdersAsync();
        foreach (var roles in new Role[][] { [Role.Owner], [Role.Viewer], [] })
            Assert.Equal("mask-role", (await SetAsync(Owner, new([new("key")], roles))).Problem?.Code);
    }

    private Task<Portal.Domain.Common.Outcome<NamespaceMasking>> SetAsync(Actor actor, NamespaceMasking masking) =>
        Use<SetMasking>().RunAsync(actor, Org, "shop", "default", masking, Now);

    private async Task OrdersAsync(params string[] fields)
    {
        await TenantAsync();
        await TopicAsync("shop", "orders");
        if (fields.Length > 0)
            Assert.True((await SetAsync(Owner, new([.. fields.Select(field => new MaskRule(field))], [Role.Developer]))).IsOk);
    }

    private void Hold(string payload, string? key = null, params (string Name, string Value)[] properties)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        Cluster.Held.Add(
            new("1:1", key, properties.ToDictionary(one => one.Name, one => one.Value), bytes, Clock.GetUtcNow(), payload.Length)
        );
    }

    private async Task<IReadOnlyList<Message>> ReadAsync(Actor actor, MessageFilter? filter = null) =>
        (await Use<ReadMessages>().RunAsync(actor, Org, "shop", "default", "orders", new ReadQuery(Filter: filter), null, Now)).Value.Items;

    private static string Text(Message message) => Encoding.UTF8.GetString(message.Payload.Span);
}
