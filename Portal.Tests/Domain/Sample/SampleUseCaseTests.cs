using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Plans;
using Portal.Domain.Sample;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Sample;

/// <summary>What an operator may ask for, and what becomes of asking twice.</summary>
public sealed class SampleUseCaseTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 23, 10, 17, 40, TimeSpan.Zero));
    private readonly TestPayments _payments = new();
    private TestDatabase _data = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private AccessGuard Guard => new(_data.Database, _data.Audit, _clock);

    private CreateSampleCompany Create => new(Guard, _data.Database, _payments, new SampleSettings(OnFirstRun: true), _clock);

    private RemoveSampleCompany Remove => new(Guard, _data.Database, _payments, _clock);

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.SqliteAsync(_clock);
        await new EnsureShippedPlans(_data.Database, _clock).RunAsync(Now);
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    [Fact]
    public async Task With_a_live_key_there_is_none_and_the_page_says_why()
    {
        _payments.IsLive = true;
        Assert.Equal("sample-live-stripe", (await Create.RunAsync(SampleWorld.Operator, Now)).Problem!.Code);
        Assert.False(Create.OnFirstRun);
        var shown = await StandingAsync();
        Assert.Equal(SampleState.None, shown.State);
        Assert.Contains("live Stripe account", shown.NotOffered!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_an_operator_may()
    {
        var somebody = new Actor(new(Guid.NewGuid()), "somebody@example.com", false);
        Assert.Equal("operator-only", (await Create.RunAsync(somebody, Now)).Problem!.Code);
        Assert.Equal("operator-only", (await Remove.RunAsync(somebody, Now)).Problem!.Code);
        Assert.Equal("operator-only", (await new GetSampleCompany(Guard, _data.Database, _payments).RunAsync(somebody, Now)).Problem!.Code);
    }

    [Fact]
    public async Task Asked_for_twice_it_is_one_job()
    {
        var first = (await Create.RunAsync(SampleWorld.Operator, Now)).Value;
        Assert.True(first.IsJob);
        Assert.Equal(first.Id, (await Create.RunAsync(SampleWorld.Operator, Now)).Value.Id);
        Assert.Equal(SampleState.Creating, (await StandingAsync()).State);
    }

    [Fact]
    public async Task A_customer_who_has_its_name_is_told_before_anything_is_begun()
    {
        await ChangeAsync(session =>
            session.Organizations.Add(
                new Organization(new(Guid.NewGuid()), Slug.Create(SampleCompany.Slug).Value, "A real one", _clock.Now())
            )
        );
        Assert.Equal("sample-name-taken", (await Create.RunAsync(SampleWorld.Operator, Now)).Problem!.Code);
        Assert.Equal(SampleState.None, (await StandingAsync()).State);
    }

    [Fact]
    public async Task Removing_stops_the_making_and_begins_once()
    {
        Assert.Equal("sample-not-found", (await Remove.RunAsync(SampleWorld.Operator, Now)).Problem!.Code);
        var making = (await Create.RunAsync(SampleWorld.Operator, Now)).Value;
        Assert.Equal("sample-beginning", (await Remove.RunAsync(SampleWorld.Operator, Now)).Problem!.Code);
        await new SampleSetup(Guard, _data.Database, new StandingCluster(), new KeysOfTopics(_clock), _clock).EnsureOrganizationAsync(
            SampleWorld.Operator,
            new(_clock.Now()),
            Now
        );
        var removing = (await Remove.RunAsync(SampleWorld.Operator, Now)).Value;
        Assert.Equal(removing.Id, (await Remove.RunAsync(SampleWorld.Operator, Now)).Value.Id);
        Assert.Equal(WorkWish.Stop, (await _data.Database.ReadAsync(session => session.Work.FindAsync(making.Id, Now), Now))!.Wish);
        Assert.Equal(SampleState.Removing, (await StandingAsync()).State);
        Assert.Equal("sample-removing", (await Create.RunAsync(SampleWorld.Operator, Now)).Problem!.Code);
    }

    [Fact]
    public async Task One_that_was_not_made_to_its_end_can_only_be_removed()
    {
        var making = (await Create.RunAsync(SampleWorld.Operator, Now)).Value;
        await new SampleSetup(Guard, _data.Database, new StandingCluster(), new KeysOfTopics(_clock), _clock).EnsureOrganizationAsync(
            SampleWorld.Operator,
            new(_clock.Now()),
            Now
        );
        await _data.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Work.FindAsync(making.Id, Now))!.End(
                    WorkState.Refused,
                    new Problem.Conflict("quota", "The cluster is full."),
                    _clock.Now()
                );
                return true;
            },
            Now
        );
        var shown = await StandingAsync();
        Assert.Equal((SampleState.Incomplete, "The cluster is full."), (shown.State, shown.Work!.ProblemMessage));
        Assert.Equal("sample-exists", (await Create.RunAsync(SampleWorld.Operator, Now)).Problem!.Code);
        Assert.True((await Remove.RunAsync(SampleWorld.Operator, Now)).IsOk);
    }

    [Fact]
    public async Task Traffic_moves_only_while_it_is_there()
    {
        var cluster = new StandingCluster();
        var send = new SendSampleTraffic(_data.Database, cluster, _clock);
        Assert.Equal(TimeSpan.FromSeconds(10), await send.RunAsync(0, Now));
        var setup = new SampleSetup(Guard, _data.Database, cluster, new KeysOfTopics(_clock), _clock);
        var organization = (await setup.EnsureOrganizationAsync(SampleWorld.Operator, new(_clock.Now()), Now)).Value;
        await setup.EnsureTopicsAsync(organization, new(_clock.Now()), Now);
        Assert.Equal(TimeSpan.FromSeconds(10), await send.RunAsync(1, Now));
        await _data.Database.UpdateAsync(
            null,
            async session =>
            {
                foreach (
                    var topic in (
                        await session.Topics.ListOfOrganizationAsync(organization.Id, Scope.Whole, null, new PageRequest(100), Now)
                    ).Items
                )
                    topic.Ready(_clock.Now());
                await foreach (var @namespace in NamespacesAsync(session, organization.Id))
                    @namespace.Ready(_clock.Now());
                return true;
            },
            Now
        );
        Assert.InRange(await send.RunAsync(2, Now), TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
        await _data.Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Organizations.FindSampleAsync(Now))!.Close();
                return true;
            },
            Now
        );
        Assert.Equal(TimeSpan.FromSeconds(10), await send.RunAsync(3, Now));
    }

    private static async IAsyncEnumerable<Namespace> NamespacesAsync(IPortalSession session, OrganizationId organization)
    {
        foreach (var tenant in (await session.Tenants.ListAsync(organization, Scope.Whole, new PageRequest(100), Now)).Items)
        foreach (var @namespace in (await session.Tenants.ListNamespacesAsync(tenant.Id, Scope.Whole, new PageRequest(100), Now)).Items)
            yield return @namespace;
    }

    private async Task<SampleStanding> StandingAsync() =>
        (await new GetSampleCompany(Guard, _data.Database, _payments).RunAsync(SampleWorld.Operator, Now)).Value;

    private Task ChangeAsync(Action<IPortalSession> change) =>
        _data.Database.UpdateAsync(
            null,
            session =>
            {
                change(session);
                return Task.FromResult(true);
            },
            Now
        );
}
