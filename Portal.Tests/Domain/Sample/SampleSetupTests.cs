using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Plans;
using Portal.Domain.Sample;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Sample;

/// <summary>The sample company's organization, people and topics, made with the use cases that customers have.</summary>
public sealed class SampleSetupTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 23, 10, 17, 40, TimeSpan.Zero));
    private TestDatabase _data = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private SamplePast Past => new(new DateTimeOffset(2026, 11, 23, 10, 17, 40, TimeSpan.Zero));

    private SampleSetup Setup =>
        new(new AccessGuard(_data.Database, _data.Audit, _clock), _data.Database, new StandingCluster(), new KeysOfTopics(_clock), _clock);

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.SqliteAsync(_clock);
        await new EnsureShippedPlans(_data.Database, _clock).RunAsync(Now);
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    [Fact]
    public async Task It_is_a_customer_since_two_months_with_members_of_every_role_and_topics_that_were_always_there()
    {
        var organization = await MakeAsync();
        Assert.True(organization.IsSample);
        Assert.Equal((PlanCode.Payg, Past.Start), (organization.Plan, organization.CreatedAt));
        var members = (
            await _data.Database.ReadAsync(
                session => session.Organizations.ListMembersAsync(organization.Id, new PageRequest(100), Now),
                Now
            )
        ).Items;
        Assert.Equal(Enum.GetValues<Role>(), members.Select(member => member.Role).Distinct().Order());
        var topics = await TopicsAsync(organization);
        Assert.Equal(
            SampleCompany.Topics.Select(topic => (topic.Address, topic.Partitions)).Order(),
            topics.Select(topic => (topic.Address, topic.Partitions)).Order()
        );
        Assert.All(topics, topic => Assert.Equal((Past.Start, (DateTimeOffset?)Past.Start), (topic.CreatedAt, topic.ReadyAt)));
        // The owner made them, as the audit log says.
        var audit = await _data.Audit.ListAsync(organization.Id, new AuditFilter(), new PageRequest(100), Now);
        Assert.DoesNotContain(audit.Items, record => record.Outcome == AuditOutcome.Refused);
        Assert.Equal(
            SampleCompany.Topics.Count,
            audit.Items.Count(record => record.Operation == "topic.create" && record.Actor == SampleCompany.People[0].Email.Value)
        );
    }

    [Fact]
    public async Task Made_again_it_is_the_same_one()
    {
        var first = await MakeAsync();
        var topics = await TopicsAsync(first);
        var second = await MakeAsync();
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(topics.Select(topic => topic.Id), (await TopicsAsync(second)).Select(topic => topic.Id));
    }

    [Fact]
    public async Task While_the_cluster_has_not_made_a_topic_there_is_no_past()
    {
        var organization = (await Setup.EnsureOrganizationAsync(SampleWorld.Operator, Past, Now)).Value;
        Assert.Null((await Setup.EnsureTopicsAsync(organization, Past, Now)).Value);
        await ReadyAsync(organization, except: SampleCompany.Topics[3].Address);
        Assert.Null((await Setup.EnsureTopicsAsync(organization, Past, Now)).Value);
        Assert.DoesNotContain(Past.Start, (await TopicsAsync(organization)).Select(topic => topic.CreatedAt));
    }

    [Fact]
    public async Task A_topic_that_the_cluster_refuses_is_named_with_the_reason()
    {
        var organization = (await Setup.EnsureOrganizationAsync(SampleWorld.Operator, Past, Now)).Value;
        await Setup.EnsureTopicsAsync(organization, Past, Now);
        await ReadyAsync(organization);
        await ChangeAsync(async session =>
            (await session.Topics.FindAsync((await TopicsAsync(organization))[0].Id, Now))!.Fail(
                new Problem.Conflict("quota", "The cluster is full.")
            )
        );
        var problem = (await Setup.EnsureTopicsAsync(organization, Past, Now)).Problem;
        Assert.Equal("quota", problem!.Code);
        Assert.EndsWith(": The cluster is full.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_can_sign_in_as_its_people()
    {
        await MakeAsync();
        foreach (var person in SampleCompany.People)
        {
            var account = await _data.Database.ReadAsync(session => session.Accounts.FindAsync(person.Email, Now), Now);
            Assert.Null(account!.PasswordHash);
            Assert.False(account.Account.IsOperator);
            Assert.EndsWith(".example.com", account.Account.Email, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_customer_of_its_name_and_an_account_of_its_address_are_left_alone()
    {
        await ChangeAsync(session =>
            session.Accounts.Add(AccountState.New(new(Guid.NewGuid()), SampleCompany.People[2].Email, "hash", _clock.Now()))
        );
        Assert.Equal("sample-address-taken", (await Setup.EnsureOrganizationAsync(SampleWorld.Operator, Past, Now)).Problem!.Code);
        await ChangeAsync(session =>
            session.Organizations.Add(
                new Organization(new(Guid.NewGuid()), Slug.Create(SampleCompany.Slug).Value, "A real one", _clock.Now())
            )
        );
        Assert.Equal("sample-name-taken", (await Setup.EnsureOrganizationAsync(SampleWorld.Operator, Past, Now)).Problem!.Code);
        Assert.Null(await _data.Database.ReadAsync(session => session.Accounts.FindAsync(SampleCompany.People[0].Email, Now), Now));
    }

    [Fact]
    public async Task Its_past_can_be_written_at_once()
    {
        var organization = await MakeAsync();
        var usage = new SampleUsage(_data.Provider.GetRequiredService<ICollectorLedger>(), _clock);
        Assert.Equal(Past.Start.AddDays(1), await usage.AdvanceAsync(Past, await TopicsAsync(organization), null, Now));
    }

    private async Task<Organization> MakeAsync()
    {
        var organization = (await Setup.EnsureOrganizationAsync(SampleWorld.Operator, Past, Now)).Value;
        Assert.True((await Setup.EnsureTopicsAsync(organization, Past, Now)).IsOk);
        await ReadyAsync(organization);
        Assert.NotNull((await Setup.EnsureTopicsAsync(organization, Past, Now)).Value);
        return organization;
    }

    /// <summary>As the cluster's lane does it.</summary>
    private Task ReadyAsync(Organization organization, string? except = null) =>
        ChangeAsync(async session =>
        {
            var page = await session.Topics.ListOfOrganizationAsync(organization.Id, Scope.Whole, null, new PageRequest(100), Now);
            foreach (var topic in page.Items)
                if (topic.Address != except)
                    topic.Ready(_clock.Now());
        });

    private async Task<IReadOnlyList<Topic>> TopicsAsync(Organization organization) =>
        (
            await _data.Database.ReadAsync(
                session => session.Topics.ListOfOrganizationAsync(organization.Id, Scope.Whole, null, new PageRequest(100), Now),
                Now
            )
        ).Items;

    private Task ChangeAsync(Action<IPortalSession> change) =>
        ChangeAsync(session =>
        {
            change(session);
            return Task.CompletedTask;
        });

    private Task ChangeAsync(Func<IPortalSession, Task> change) =>
        _data.Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session);
                return true;
            },
            Now
        );
}
