using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

public sealed class SickCloseTests
{
    /// <summary>More than two batches, of which five are sick in five ways.</summary>
    [Fact]
    public async Task The_sick_hold_up_nobody_and_the_job_names_them()
    {
        const int Healthy = 220;
        await using var world = await BillingWorld.CreateAsync();
        string[] names =
        [
            .. Enumerable.Range(0, Healthy).Select(index => $"well-{index}"),
            "sick-customer",
            "sick-draft",
            "sick-amount",
            "sick-finalize",
            "sick-pay",
        ];
        foreach (var name in names)
        {
            var organization = await world.OrganizationAsync(name, BillingWorld.Owner);
            await world.ChangeAsync(async session =>
            {
                (await session.Organizations.FindAsync(organization, default))!.ChangePlan(PlanCode.Payg, PayBy.Card);
                session.Organizations.Add(new PlanPeriod(organization, PlanCode.Payg, BillingWorld.November));
            });
            world.Use(organization, Meter.Write, BillingWorld.November.AddDays(2), 12);
        }
        var away = new Problem.Unavailable("stripe-away", "Stripe answers 500.");
        world.Gateway.Fail = (call, about) =>
            (call, about) switch
            {
                ("pay", _) when about.StartsWith("sick-pay", StringComparison.Ordinal) => throw new InvalidOperationException(
                    "Nobody expected this."
                ),
                _ => about.StartsWith($"sick-{call}", StringComparison.Ordinal) ? away : null,
            };
        world.Gateway.Alter = invoice =>
            invoice.Number?.StartsWith("sick-amount", StringComparison.Ordinal) == true
                ? invoice with
                {
                    TotalMinor = invoice.TotalMinor + 1,
                }
                : invoice;
        world.GoToMonthsEnd();
        var job = await world.CloseAsync(early: false);
        Assert.Equal(Healthy, world.Gateway.Payments);
        Assert.Equal(Healthy, Paid("well-"));
        Assert.All(names[Healthy..], name => Assert.Contains(name, job.Note, StringComparison.Ordinal));

        // Mended, and tried again by a person.
        (world.Gateway.Fail, world.Gateway.Alter) = ((_, _) => null, invoice => invoice);
        var differing = Assert.Single(
            await world.InvoicesAsync((await world.ReadAsync(session => session.Organizations.FindAsync("sick-amount", default)))!.Id)
        );
        Assert.True(
            (
                await new CompareInvoiceAgain(world.Guard, world.Database, world.Clock).RunAsync(
                    BillingWorld.Operator,
                    differing.Number,
                    default
                )
            ).IsOk
        );
        await world.ChangeAsync(async session =>
        {
            foreach (
                var row in (await session.Work.ListAsync(new WorkFilter(Open: true), new PageRequest(100), default)).Items.Where(row =>
                    row.Failures > 0
                )
            )
                (await session.Work.FindAsync(row.Id, default))!.TryNow(world.Clock.Now());
        });
        await world.RunAsync();
        Assert.Equal(names.Length - Healthy, Paid("sick-"));
        Assert.Equal(names.Length, world.Gateway.Payments);
        Assert.Equal(names.Length, world.Gateway.Invoices.Count);
        Assert.False((await world.JobAsync(job.Id)).IsOpen);

        int Paid(string prefix) =>
            world.Gateway.Invoices.Count(invoice =>
                invoice.Status == InvoiceStatus.Paid && invoice.Number!.StartsWith(prefix, StringComparison.Ordinal)
            );
    }
}
