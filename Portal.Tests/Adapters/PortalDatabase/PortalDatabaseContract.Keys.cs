using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Gateway;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support;
using Xunit;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    [Fact]
    public async Task The_use_of_a_key_is_kept_to_the_minute_and_a_short_session_counts()
    {
        var clock = new FakeTimeProvider(new(2026, 11, 1, 9, 0, 0, TimeSpan.Zero));
        await using var database = await NewAsync(clock);
        var organization = await OrganizationAsync(database);
        var tenant = await TenantAsync(database, organization);
        var @namespace = new Namespace(new(clock.NewUuid()), tenant, NamespaceName.Default, clock.Now());
        var (used, idle) = (Key(), Key());
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                session.Tenants.Add(@namespace);
                session.Keys.Add(used);
                session.Keys.Add(idle);
                return Task.FromResult(true);
            },
            Now
        );
        var sessions = new GatewaySessions(GatewayLimits.Default);
        var note = new NoteKeyUse(sessions, database.Database, clock);
        var admission = new Admission(
            GatewayAddress.Parse("/ws/v2/reader/persistent/shop/default/orders").Value,
            used.Id,
            organization.Id,
            "local",
            [],
            null,
            "",
            SessionLimits.None
        );

        sessions.Begin(admission).Value.Dispose();
        await note.RunAsync(Now);
        Assert.Equal((clock.Now(), null), (await LastUsedAsync(used), await LastUsedAsync(idle)));
        var first = clock.Now();
        using (sessions.Begin(admission).Value)
        {
            clock.Advance(TimeSpan.FromSeconds(59));
            await note.RunAsync(Now);
            Assert.Equal(first, await LastUsedAsync(used));
            clock.Advance(TimeSpan.FromSeconds(1));
            await note.RunAsync(Now);
            Assert.Equal(clock.Now(), await LastUsedAsync(used));
        }
        var last = clock.Now();
        clock.Advance(TimeSpan.FromHours(1));
        await note.RunAsync(Now);
        Assert.Equal(last, await LastUsedAsync(used));

        PulsarKey Key() => new(new(clock.NewUuid()), @namespace, "web", KeyPermissions.Consume, true, false, clock.Now(), null);

        async Task<DateTimeOffset?> LastUsedAsync(PulsarKey key) =>
            (await database.Database.ReadAsync(session => session.Keys.FindAsync(key.Id, Now), Now))!.LastUsedAt;
    }
}
