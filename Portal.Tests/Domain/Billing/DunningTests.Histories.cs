using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

public sealed partial class DunningTests
{
    /// <summary>
    /// Whatever happens in whatever order: what is in force is what the dates say, and no day's reminder is written twice.
    /// </summary>
    [Fact]
    public async Task In_any_history_what_is_in_force_follows_from_the_dates()
    {
        await FailAsync();
        var random = new Random(20261202);
        var (day, history) = (0.0, new List<string>());
        for (var step = 0; step < 60; step++)
        {
            var act = random.Next(12);
            if (act == 0)
                history.Add(
                    (
                        await new ExtendPaymentTime(
                            _world.Guard,
                            _world.Database,
                            _world.People,
                            _world.Dunning,
                            _world.Address,
                            _world.Clock
                        ).RunAsync(BillingWorld.Operator, "northwind", random.Next(1, 9), "again", default)
                    ).IsOk
                        ? "extend"
                        : "no"
                );
            else if (act == 1)
                history.Add(
                    (
                        await new TurnOffDunning(_world.Guard, _world.Database, _world.Dunning, _world.Clock).RunAsync(
                            BillingWorld.Operator,
                            "northwind",
                            "off",
                            default
                        )
                    ).IsOk
                        ? "off"
                        : "no"
                );
            else if (act == 2)
                history.Add(
                    (
                        await new TurnOnDunning(_world.Guard, _world.Database, _world.Dunning, _world.Clock).RunAsync(
                            BillingWorld.Operator,
                            "northwind",
                            default
                        )
                    ).IsOk
                        ? "on"
                        : "no"
                );
            else
            {
                day += random.NextDouble() * 4;
                _world.Clock.SetUtcNow(Due.AddDays(day) > _world.Clock.GetUtcNow() ? Due.AddDays(day) : _world.Clock.GetUtcNow());
                history.Add($"day {day:0.0}");
            }
            await NowAsync();
            var (organization, known) = await _world.ReadAsync(async session =>
                (
                    (await session.Organizations.FindAsync(_world.Northwind, default))!,
                    await session.Dunning.FindAsync(_world.Northwind, default)
                )
            );
            var expected = DunningStanding
                .Of(
                    _world.Dunning,
                    (await _world.InvoiceAsync()).DueAt,
                    known?.ExtendedUntil,
                    known?.IsOff == true,
                    _world.Clock.GetUtcNow()
                )!
                .Stage;
            Assert.True(
                expected == organization.Arrears,
                $"{expected} is expected, {organization.Arrears} is in force after {string.Join(", ", history)}"
            );
            Assert.Equal(organization.Arrears == Arrears.Suspended, organization.State == OrganizationState.Suspended);
            Assert.Equal(organization.Arrears >= Arrears.PublishingBlocked, organization.Publishing == Publishing.Blocked);
        }
        var written = _world.Mailer.Count;
        await NowAsync();
        Assert.Equal(written, _world.Mailer.Count);
    }
}
