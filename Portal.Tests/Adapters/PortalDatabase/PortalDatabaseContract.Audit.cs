using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    private static async Task<Organization> WithFiveRowsAsync(TestDatabase database)
    {
        var organization = await OrganizationAsync(database);
        for (var i = 1; i <= 5; i++) await WriteAsync(database, organization, $"step.{i}", _ => { });
        return organization;
    }

    [Fact]
    public async Task A_whole_chain_has_no_break()
    {
        await using var database = await NewAsync();
        var organization = await WithFiveRowsAsync(database);
        Assert.Null(await database.Audit.FindBreakAsync(organization.Id, Now));
        Assert.Null(await database.Audit.FindBreakAsync(null, Now));
    }

    [Theory]
    [InlineData("UPDATE audit_rows SET subject = 'y' WHERE sequence = 3", 3)]
    [InlineData("UPDATE audit_rows SET outcome = 'refused' WHERE sequence = 1", 1)]
    [InlineData("UPDATE audit_rows SET at = at + 1 WHERE sequence = 5", 5)]
    [InlineData("DELETE FROM audit_rows WHERE sequence = 2", 2)]
    [InlineData("DELETE FROM audit_rows WHERE sequence = 1", 1)]
    [InlineData("DELETE FROM audit_rows WHERE sequence = 5", 5)]
    [InlineData("DELETE FROM audit_rows WHERE sequence > 3", 4)]
    [InlineData("DELETE FROM audit_rows", 1)]
    [InlineData("DELETE FROM audit_chains", 1)]
    [InlineData("UPDATE audit_chains SET hash = 'x'", 5)]
    [InlineData(
        """
        UPDATE audit_rows SET sequence = sequence + 100 WHERE sequence > 2;
        UPDATE audit_rows SET sequence = sequence - 99 WHERE sequence > 100;
        INSERT INTO audit_rows (chain, sequence, id, at, actor, operation, subject, outcome, details, hash)
        SELECT chain, 3, '00000000-0000-7000-8000-000000000001', at, actor, operation, subject, outcome, details, hash FROM audit_rows WHERE sequence = 2
        """, 3)]
    public async Task Tampering_is_found_where_it_begins(string tampering, long sequence)
    {
        await using var database = await NewAsync();
        var organization = await WithFiveRowsAsync(database);
        await database.ExecuteAsync(tampering);
        Assert.Equal(sequence, await database.Audit.FindBreakAsync(organization.Id, Now));
    }

    [Fact]
    public async Task Writers_at_once_keep_the_chain_whole()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var organization = await OrganizationAsync(database);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => WriteAsync(i % 2 == 0 ? database : other, organization, $"step.{i}", _ => { })));
        var rows = (await database.Audit.ListAsync(organization.Id, new(), new(), Now)).Items;
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i).Reverse(), rows.Select(row => row.Sequence));
        Assert.Null(await database.Audit.FindBreakAsync(organization.Id, Now));
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
        Assert.Equal((AuditOutcome.Refused, "role-missing", "shop/default/orders"), (record.Outcome, record.Details["problem"], record.Subject));
        Assert.Null(Assert.Single((await database.Audit.ListAsync(null, new(), new(), Now)).Items).OrganizationId);
    }

    [Fact]
    public async Task The_audit_log_is_filtered_and_paged_newest_first()
    {
        await using var database = await NewAsync();
        var organization = await OrganizationAsync(database);
        foreach (var name in new[] { "topic.create", "topic.delete", "topics.list", "key.create" }) await WriteAsync(database, organization, name, _ => { });
        await database.Audit.RecordRefusalAsync(Jo, organization.Id, Operation("topic.create"), new Problem.Forbidden("no", "No."), Now);

        var topics = await database.Audit.ListAsync(organization.Id, new(Operation: "topic"), new(2), Now);
        Assert.Equal([AuditOutcome.Refused, AuditOutcome.Allowed], topics.Items.Select(row => row.Outcome));
        var rest = await database.Audit.ListAsync(organization.Id, new(Operation: "topic"), new(2, topics.Next), Now);
        Assert.Equal(["topic.create"], rest.Items.Select(row => row.Operation));
        Assert.Null(rest.Next);
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(Actor: "sam@example.com"), new(), Now)).Items);
        Assert.Empty((await database.Audit.ListAsync(organization.Id, new(From: database.Clock.Now().AddHours(1)), new(), Now)).Items);
        Assert.Single((await database.Audit.ListAsync(organization.Id, new(Outcome: AuditOutcome.Refused), new(), Now)).Items);
    }
}
