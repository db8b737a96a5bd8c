using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    private static async Task<Organization> WithFiveRowsAsync(TestDatabase database)
    {
        var organization = await OrganizationAsync(database);
        for (var i = 1; i <= 5; i++)
            await WriteAsync(database, organization, $"step.{i}", _ => { });
        return organization;
    }

    [Fact]
    public async Task A_whole_chain_has_no_break()
    {
        await using var database = await NewAsync();
        var organization = await WithFiveRowsAsync(database);
        Assert.Null((await database.Audit.CheckAsync(organization.Id, Now)).Break);
        Assert.Null((await database.Audit.CheckAsync(null, Now)).Break);
    }

    [Theory]
    [InlineData("UPDATE audit_rows SET id = '00000000-0000-7000-8000-000000000001' WHERE sequence = 1", 1)]
    [InlineData("UPDATE audit_rows SET at = at + 1 WHERE sequence = 5", 5)]
    [InlineData("UPDATE audit_rows SET actor = 'sam@example.com' WHERE sequence = 2", 2)]
    [InlineData("UPDATE audit_rows SET account_id = '00000000-0000-7000-8000-000000000001' WHERE sequence = 2", 2)]
    [InlineData("UPDATE audit_rows SET on_behalf_of = 'sam@example.com' WHERE sequence = 4", 4)]
    [InlineData("UPDATE audit_rows SET operation = 'step' WHERE sequence = 4", 4)]
    [InlineData("UPDATE audit_rows SET subject = 'y' WHERE sequence = 3", 3)]
    [InlineData("UPDATE audit_rows SET outcome = 'refused' WHERE sequence = 1", 1)]
    [InlineData("UPDATE audit_rows SET details = '{\"a\":\"b\"}' WHERE sequence = 3", 3)]
    [InlineData("UPDATE audit_rows SET address = '198.51.100.7' WHERE sequence = 5", 5)]
    [InlineData("UPDATE audit_rows SET trace_id = NULL WHERE sequence = 5", 5)]
    [InlineData("UPDATE audit_rows SET hash = 'x' WHERE sequence = 3", 3)]
    [InlineData("UPDATE audit_rows SET sequence = 9 WHERE sequence = 5", 5)]
    [InlineData("DELETE FROM audit_rows WHERE sequence = 2", 2)]
    [InlineData("DELETE FROM audit_rows WHERE sequence = 1", 1)]
    [InlineData("DELETE FROM audit_rows WHERE sequence = 5", 5)]
    [InlineData("DELETE FROM audit_rows WHERE sequence > 3", 4)]
    [InlineData("DELETE FROM audit_rows", 1)]
    [InlineData("DELETE FROM audit_chains", 1)]
    [InlineData("UPDATE audit_chains SET hash = 'x'", 5)]
    [InlineData("UPDATE audit_chains SET sequence = 4", 5)]
    [InlineData("UPDATE audit_chains SET sequence = 6", 6)]
    [InlineData("UPDATE audit_chains SET cut_sequence = 1", 1)]
    [InlineData(
        """
            UPDATE audit_chains SET cut_sequence = 2, cut_hash = (SELECT hash FROM audit_rows WHERE sequence = 2);
            DELETE FROM audit_rows WHERE sequence <= 2
            """,
        3
    )]
    [InlineData(
        """
            UPDATE audit_rows SET sequence = 9 WHERE sequence = 3;
            UPDATE audit_rows SET sequence = 3 WHERE sequence = 4;
            UPDATE audit_rows SET sequence = 4 WHERE sequence = 9
            """,
        3
    )]
    [InlineData(
        """
            UPDATE audit_rows SET sequence = sequence + 100 WHERE sequence > 2;
            UPDATE audit_rows SET sequence = sequence - 99 WHERE sequence > 100;
            INSERT INTO audit_rows (chain, sequence, id, at, actor, operation, subject, outcome, details, hash)
            SELECT chain, 3, '00000000-0000-7000-8000-000000000001', at, actor, operation, subject, outcome, details, hash FROM audit_rows WHERE sequence = 2
            """,
        3
    )]
    public async Task Tampering_is_found_where_it_begins(string tampering, long sequence)
    {
        await using var database = await NewAsync();
        var organization = await WithFiveRowsAsync(database);
        await database.ExecuteAsync(tampering);
        Assert.Equal(sequence, (await database.Audit.CheckAsync(organization.Id, Now)).Break);
    }

    [Fact]
    public async Task Writers_at_once_keep_the_chain_whole()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var organization = await OrganizationAsync(database);
        const int Writers = 60;
        await Task.WhenAll(
            Enumerable.Range(0, Writers).Select(i => WriteAsync(i % 2 == 0 ? database : other, organization, $"step.{i}", _ => { }))
        );
        var rows = (await database.Audit.ListAsync(organization.Id, new(), new(Writers + 1), Now)).Items;
        Assert.Equal(Enumerable.Range(1, Writers).Select(i => (long)i).Reverse(), rows.Select(row => row.Sequence));
        Assert.Null((await database.Audit.CheckAsync(organization.Id, Now)).Break);
    }

    [Fact]
    public async Task Refusals_are_recorded_where_they_belong()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var problem = new Problem.Forbidden("role-missing", "No.");
        await database.Audit.RecordRefusalAsync(Jo, organization.Id, Operation("topic.delete", "shop/default/orders"), problem, Now);
        await database.Audit.RecordRefusalAsync(Jo, null, Operation("topic.delete"), problem, Now);

        var record = Assert.Single((await database.Audit.ListAsync(organization.Id, new(), new(), Now)).Items);
        Assert.Equal(
            (AuditOutcome.Refused, "role-missing", "shop/default/orders"),
            (record.Outcome, record.Details["problem"], record.Subject)
        );
        Assert.Null(Assert.Single((await database.Audit.ListAsync(null, new(), new(), Now)).Items).OrganizationId);
    }

    [Fact]
    public async Task The_audit_log_is_filtered_and_paged_newest_first()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        foreach (var name in new[] { "topic.create", "topic.delete", "topics.list", "key.create" })
            await WriteAsync(database, organization, name, _ => { });
        await database.Audit.RecordRefusalAsync(Jo, organization.Id, Operation("topic.create"), new Problem.Forbidden("no", "No."), Now);

        var topics = await database.Audit.ListAsync(organization.Id, new(Operation: "topic"), new(2), Now);
        Assert.Equal([AuditOutcome.Refused, AuditOutcome.Allowed], topics.Items.Select(row => row.Outcome));
        var rest = await database.Audit.ListAsync(organization.Id, new(Operation: "topic"), new(2, topics.Next), Now);
        Assert.Equal(["topic.create"], rest.Items.Select(row => row.Operation));
        Assert.Null(rest.Next);
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(Actor: "sam@example.com"), new(), Now)).Items);
        Assert.Equal(5, (await database.Audit.ListAsync(organization.Id, new(Subject: "x"), new(), Now)).Items.Count);
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(Subject: "X"), new(), Now)).Items);
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(Subject: "xy"), new(), Now)).Items);
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(From: database.Clock.Now().AddHours(1)), new(), Now)).Items);
        Assert.Single((await database.Audit.ListAsync(organization.Id, new(Outcome: AuditOutcome.Refused), new(), Now)).Items);
    }

    [Fact]
    public async Task What_retention_cuts_off_leaves_a_chain_that_is_still_verified()
    {
        var clock = new FakeTimeProvider(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var database = await NewAsync(clock);
        var organization = await WithFiveRowsAsync(database);
        clock.Advance(TimeSpan.FromDays(20));
        for (var i = 6; i <= 8; i++)
            await WriteAsync(database, organization, $"step.{i}", _ => { });
        clock.Advance(TimeSpan.FromDays(20));
        var lease = (await database.Leases.AcquireAsync("audit-retention", Now))!;

        Assert.Equal(5, await database.Audit.CutAsync(lease, clock.Now().AddDays(-30), Now));
        Assert.Equal(0, await database.Audit.CutAsync(lease, clock.Now().AddDays(-30), Now));
        await WriteAsync(database, organization, "step.10", _ => { });
        var check = await database.Audit.CheckAsync(organization.Id, Now);
        Assert.Equal((6L, 10L, null), (check.First, check.Head.Sequence, check.Break));
        var rows = (await database.Audit.ListAsync(organization.Id, new(), new(), Now)).Items;
        Assert.Equal(["step.10", "audit.cut", "step.8", "step.7", "step.6"], rows.Select(row => row.Operation));
        Assert.Equal("5", rows[1].Details["through"]);

        // Everything old is cut off in turn, the row that tells of the cut last, and the new one takes its place.
        clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal(5, await database.Audit.CutAsync(lease, clock.Now().AddDays(-30), Now));
        Assert.Null((await database.Audit.CheckAsync(organization.Id, Now)).Break);
        await database.ExecuteAsync("UPDATE audit_chains SET cut_hash = 'x'");
        Assert.Equal(11, (await database.Audit.CheckAsync(organization.Id, Now)).Break);
    }

    [Fact]
    public async Task Retention_under_a_lost_lease_cuts_nothing()
    {
        await using var database = await NewAsync();
        var organization = await WithFiveRowsAsync(database);
        await Assert.ThrowsAsync<LeaseLostException>(() =>
            database.Audit.CutAsync(new("audit-retention", "somebody", 1), database.Clock.Now().AddDays(1), Now)
        );
        Assert.Equal(1, (await database.Audit.CheckAsync(organization.Id, Now)).First);
    }

    [Fact]
    public async Task What_no_database_can_keep_is_recorded_as_it_is_kept()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        var problem = new Problem.NotFound("tenant-not-found", "No.");
        await database.Audit.RecordRefusalAsync(
            Jo with
            {
                Name = "\0jo",
            },
            organization.Id,
            Operation("tenant.view", "a\0b\uD800c"),
            problem,
            Now
        );
        Assert.Equal("a\uFFFDb\uFFFDc", Assert.Single((await database.Audit.ListAsync(organization.Id, new(), new(), Now)).Items).Subject);
        Assert.Null((await database.Audit.CheckAsync(organization.Id, Now)).Break);
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(Actor: "\0", Subject: "\uDC00"), new(), Now)).Items);
        Assert.Null(await database.Database.ReadAsync(session => session.Organizations.FindAsync("north\0wind", Now), Now));
    }
}
