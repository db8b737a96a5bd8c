using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    [Fact]
    public async Task A_lease_that_is_ours_is_given_again_and_one_released_has_a_new_number()
    {
        await using var database = await NewAsync();
        var first = await database.Leases.AcquireAsync("meter", Now);
        Assert.Equal(first, await database.Leases.AcquireAsync("meter", Now));
        Assert.True(await database.Leases.RenewAsync(first!, Now));
        await database.Leases.ReleaseAsync(first!, Now);
        Assert.False(await database.Leases.RenewAsync(first!, Now));
        Assert.True((await database.Leases.AcquireAsync("meter", Now))!.Number > first!.Number);
    }

    [Fact]
    public async Task Nothing_is_written_under_a_lost_lease()
    {
        await using var database = await NewAsync();
        var lease = (await database.Leases.AcquireAsync("outbox", Now))!;
        Task<bool> AddAsync() =>
            database.Database.UpdateAsync(
                lease,
                session =>
                {
                    session.Work.Add(database.Clock, new CutWorkWork(), new("upkeep", "x", null, "y", WorkPriority.Background));
                    return Task.FromResult(true);
                },
                Now
            );
        await AddAsync();

        // Ten seconds without renewal, then another replica.
        await database.ExecuteAsync("UPDATE leases SET expires_at = 0");
        await using var other = database.Another();
        var taken = (await other.Leases.AcquireAsync("outbox", Now))!;
        Assert.True(taken.Number > lease.Number);
        await Assert.ThrowsAsync<LeaseLostException>(AddAsync);
        await Assert.ThrowsAsync<LeaseLostException>(() => database.Connections.BeginWriteAsync(lease, Now));
        Assert.False(await database.Leases.RenewAsync(lease, Now));
        Assert.Single((await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), Now), Now)).Items);
    }

    [Fact]
    public async Task Plain_sql_commits_or_leaves_nothing()
    {
        await using var database = await NewAsync();
        const string Insert = "INSERT INTO leases (name, holder, number, expires_at) VALUES ('x', 'y', 1, 0)";
        await using (var write = await database.Connections.BeginWriteAsync(null, Now))
        {
            await using var command = write.Connection.CreateCommand();
            (command.CommandText, command.Transaction) = (Insert, write.Transaction);
            await command.ExecuteNonQueryAsync(Now);
        }
        await using (var write = await database.Connections.BeginWriteAsync(null, Now))
        {
            await using var command = write.Connection.CreateCommand();
            (command.CommandText, command.Transaction) = (Insert, write.Transaction);
            await command.ExecuteNonQueryAsync(Now);
            await write.CommitAsync(Now);
        }
    }

    [Fact]
    public async Task An_event_of_stripe_is_kept_once()
    {
        await using var database = await NewAsync();
        var one = new GatewayEvent("evt_1", "invoice.paid", "in_1", null, database.Clock.Now());
        Task<bool> AddAsync() => database.Database.UpdateAsync(null, session => session.PaymentEvents.AddAsync(one, "{}", Now), Now);
        Assert.Equal(1, (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AddAsync()))).Count(isNew => isNew));
        Assert.False(await AddAsync());
        Assert.Equal(
            0,
            await database.Database.UpdateAsync(null, session => session.PaymentEvents.CutAsync(one.CreatedAt.AddDays(-1), 10, Now), Now)
        );
        Assert.Equal(
            1,
            await database.Database.UpdateAsync(
                null,
                session => session.PaymentEvents.CutAsync(database.Clock.Now().AddDays(1), 10, Now),
                Now
            )
        );
    }
}
