using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Migration;

/// <summary>
/// The one write to a customer's Kafka: each message of Pulsar arrives there once, however slowly Pulsar hands it out and however often the
/// step dies.
/// </summary>
public sealed partial class BackStepsTests : IAsyncLifetime
{
    private const string Theirs = "shop-app";
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 10, 0, 0, 0, TimeSpan.Zero));
    private readonly Cluster _cluster;
    private TestDatabase _data = null!;
    private CopiedPartition _partition = null!;
    private bool _leaveOut;

    public BackStepsTests() => _cluster = new(_clock);

    public async ValueTask InitializeAsync()
    {
        _data = await TestDatabase.SqliteAsync(_clock);
        await _data.Database.UpdateAsync(
            null,
            null,
            session =>
            {
                var now = _clock.GetUtcNow();
                var organization = new Organization(new(Guid.NewGuid()), Slug.Create("acme").Value, "Acme", now);
                session.Organizations.Add(organization);
                var tenant = new Tenant(new(Guid.NewGuid()), organization.Id, TenantName.Create("shop").Value, "local", now);
                session.Tenants.Add(tenant);
                var inside = new Namespace(new(Guid.NewGuid()), tenant, NamespaceName.Default, now);
                session.Tenants.Add(inside);
                var topic = new Topic(new(Guid.NewGuid()), inside, TopicName.Create("orders").Value, true, 0, now);
                topic.Ready(now);
                session.Topics.Add(topic);
                var migration = new MigrationId(Guid.NewGuid());
                session.Copies.Add(new CopySettings(migration, organization.Id));
                _partition = new(new(Guid.NewGuid()), migration, topic, "orders", 0, now);
                session.Copies.Add(_partition);
                session.WaysBack.Add(new BackPartition(_partition, null, leavesOut: false, now));
                return Task.FromResult(true);
            },
            default
        );
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    [Fact]
    public async Task Over_many_steps_and_a_second_start_each_message_is_written_once_in_order()
    {
        // A copied message, then single ones and batches of theirs: more than a step has time for.
        _cluster.Send(_partition.Producer, 3);
        for (var entry = 0; entry < 40; entry++)
            _cluster.Send(Theirs, entry % 3 == 0 ? 1 : 5);
        await RunAsync();
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
        Assert.Equal((BackState.Done, (long)_cluster.Written.Count), await StandingAsync());
        Assert.True(_cluster.Opened > 3);

        _cluster.Send(Theirs, 1);
        _cluster.Send(Theirs, 4);
        await AgainAsync();
        await RunAsync();
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
    }

    [Fact]
    public async Task A_rate_limit_that_holds_messages_back_is_not_their_end()
    {
        for (var entry = 0; entry < 10; entry++)
            _cluster.Send(Theirs, 2);
        // Nothing is given for the first reads, and again in the middle.
        _cluster.SilentReads = [0, 1, 2, 7, 8, 9];
        var first = await StepAsync(); // Kafka's end is noted.
        Assert.IsType<StepResult.GoOn>(first);
        var silent = Assert.IsType<StepResult.Later>(await StepAsync());
        Assert.Equal("pulsar-silent", silent.Problem.Code);
        Assert.Equal((BackState.Copying, 0L), await StandingAsync());
        await RunAsync();
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
        Assert.Equal(BackState.Done, (await StandingAsync()).State);
    }

    [Fact]
    public async Task Marks_behind_the_last_message_end_it()
    {
        _cluster.Send(Theirs, 2);
        _cluster.Mark();
        await RunAsync();
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
        Assert.Equal(BackState.Done, (await StandingAsync()).State);
    }

    [Fact]
    public async Task What_a_step_wrote_before_it_died_is_found_in_Kafka_and_not_written_again()
    {
        for (var entry = 0; entry < 6; entry++)
            _cluster.Send(Theirs, 2);
        Assert.IsType<StepResult.GoOn>(await StepAsync());
        // It dies after it wrote and before it noted.
        await Steps().RunAsync(new(_partition.Id), Turn, default);
        Assert.NotEmpty(_cluster.Written);
        await RunAsync();
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
        Assert.Equal((BackState.Done, (long)_cluster.Written.Count), await StandingAsync());
    }

    [Fact]
    public async Task What_a_dead_step_wrote_is_found_again_by_steps_that_are_slower_than_it()
    {
        for (var entry = 0; entry < 9; entry++)
            _cluster.Send(Theirs, 2);
        Assert.IsType<StepResult.GoOn>(await StepAsync());
        await Steps().RunAsync(new(_partition.Id), Turn, default);
        var written = _cluster.Written.Count;
        // Each of these steps passes by a part of what is there already.
        _cluster.Pace = TimeSpan.FromSeconds(2);
        await RunAsync();
        Assert.True(written > 4);
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
        Assert.Equal((BackState.Done, (long)_cluster.Written.Count), await StandingAsync());
    }

    [Fact]
    public async Task No_step_begins_within_a_message_of_several_entries()
    {
        for (var entry = 0; entry < 40; entry++)
            _cluster.Send(Theirs, 1);
        // Its chunks lie between the others' messages, over more than one step.
        _cluster.Open = (3, 22);
        await RunAsync();
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
        Assert.DoesNotContain(_cluster.Begun, place => place is { Entry: >= 3 and < 22 });
        Assert.Equal((BackState.Done, 40L), await StandingAsync());
    }

    [Fact]
    public async Task A_message_that_is_being_sent_is_waited_for_until_its_producer_has_given_it_up()
    {
        _cluster.Send(Theirs, 1);
        _cluster.Send(Theirs, 1);
        (_cluster.Open, _cluster.OpenedAt) = ((1, 99), _clock.GetUtcNow());
        for (var turn = 0; turn < 3; turn++)
            Assert.IsType<StepResult.GoOn>(await StepAsync());
        Assert.Equal(BackState.Copying, (await StandingAsync()).State);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.IsType<StepResult.Done>(await StepAsync());
        Assert.Equal(_cluster.Of(Theirs), _cluster.Written);
        Assert.Equal((BackState.Done, 2L), await StandingAsync());
    }

    [Theory]
    [InlineData(ReadObstacle.Encrypted, "message-encrypted", "is encrypted by its producer")]
    [InlineData(ReadObstacle.Beheaded, "message-incomplete", "was sent in chunks")]
    [InlineData(ReadObstacle.TooLarge, "message-too-large-back", "64 MiB")]
    public async Task What_nobody_can_read_ends_it_with_its_place_or_is_left_out_and_listed(
        ReadObstacle obstacle,
        string code,
        string words
    )
    {
        _cluster.Send(Theirs, 1);
        _cluster.Send(Theirs, 3, obstacle);
        _cluster.Send(Theirs, 2);
        await RunAsync();
        var row = await RowAsync();
        Assert.Equal((BackState.Failed, 1L, 0L), (row.State, row.Messages, row.LeftOut));
        Assert.Contains("The message 7:1 in", row.ProblemMessage, StringComparison.Ordinal);
        Assert.Contains(words, row.ProblemMessage, StringComparison.Ordinal);
        Assert.Equal(code, BackProblems.Unreadable("orders", new(new(1, null, false, null, 0, []), Theirs, default, 0, obstacle)).Code);
        _leaveOut = true;
        await AgainAsync();
        await RunAsync();
        row = await RowAsync();
        Assert.Equal((BackState.Done, 3L, 3L, "7:1"), (row.State, row.Messages, row.LeftOut, row.LeftOutAt));
        Assert.Equal([0L, 2, 2], _cluster.Written.Select(place => place.Entry));
    }

    [Fact]
    public async Task A_message_without_a_time_of_its_own_keeps_the_time_it_was_sent()
    {
        _cluster.Send(Theirs, 1);
        await RunAsync();
        Assert.Equal(Cluster.Sent, Assert.Single(_cluster.Records).Timestamp);
    }

    private static WorkTurn Turn => new(default, null, null, 0, default, null);

    private BackSteps Steps() => new(_data.Database, _cluster, _cluster, _cluster, _cluster, new(_clock), _clock);

    private async Task<StepResult> StepAsync()
    {
        var result = await Steps().RunAsync(new(_partition.Id), Turn, default);
        var settle = result switch
        {
            StepResult.Done done => done.Settle,
            StepResult.GoOn step => step.Settle,
            _ => null,
        };
        if (settle is not null)
            await _data.Database.UpdateAsync(
                null,
                null,
                async session =>
                {
                    await settle(session, default);
                    return true;
                },
                default
            );
        return result;
    }

    private async Task RunAsync()
    {
        for (var turn = 0; turn < 100; turn++)
            if (await StepAsync() is StepResult.Done)
                return;
        Assert.Fail("It does not end.");
    }

    private Task AgainAsync() =>
        _data.Database.UpdateAsync(
            null,
            null,
            async session =>
            {
                (await session.WaysBack.FindAsync(_partition.Id, default))!.Again(_leaveOut, _clock.GetUtcNow());
                return true;
            },
            default
        );

    private async Task<(BackState State, long Messages)> StandingAsync() =>
        await RowAsync() is var row ? (row.State, row.Messages) : default;

    private async Task<BackPartition> RowAsync() =>
        (await _data.Database.ReadAsync(session => session.WaysBack.FindAsync(_partition.Id, default), default))!;
}
