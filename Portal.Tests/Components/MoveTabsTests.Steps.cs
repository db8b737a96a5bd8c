using Bunit;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Work;
using Portal.Features;
using Portal.Features.Migration;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed partial class MoveTabsTests
{
    private async Task PlannedAsync(bool start = true)
    {
        await TenantAsync();
        Kafka.Topics["orders"] = new(1, 1, false, 5, 5, new Dictionary<string, string>());
        foreach (var group in new[] { "billing", "mail/out" })
            Kafka.Groups[group] = new(group, "Stable", 1, 0, 5, null, ["orders"], null);
        var made = (
            await Use<CreateMigration>()
                .RunAsync(Owner, Org, "shop", "From Kafka", new("kafka.example:9092", "plaintext", null, null, null), default)
        ).Value;
        _migration = made.Id;
        await InventoryRun.ToEndAsync(Database, Kafka, Clock, made);
        if (start)
            Assert.True((await Use<StartCopying>().RunAsync(Owner, Org, _migration, null, new(), default)).IsOk);
    }

    private async Task CutOverAsync()
    {
        Assert.True((await Use<CutOver>().RunAsync(Owner, Org, _migration, acceptOpen: true, default)).IsOk);
        await StepAsync();
        Assert.Equal(CutOverStage.Catching, (await MigrationAsync()).CutOver);
        await EachAsync(
            async (session, copy) =>
            {
                copy.Begin(new(0, 5), null, Clock.Now());
                copy.Advance(new(0, 5, 5, 5, new(1, 4, -1), 5, 50, 0, 0, true, []), Clock.Now());
                await Task.CompletedTask;
            }
        );
        await StepAsync();
        Assert.Equal(CutOverStage.Proving, (await MigrationAsync()).CutOver);
        await EachAsync(
            async (session, copy) =>
            {
                var proof = (await session.Copies.ProofAsync(copy.Id, default))!;
                proof.Look(0, new() { SourceCount = 5, TargetCount = 5 });
                proof.End(false, [], Clock.Now());
            }
        );
        await StepAsync();
        Assert.Equal(CutOverStage.Stopping, (await MigrationAsync()).CutOver);
        await EachAsync(
            (_, copy) =>
            {
                Assert.Equal(CopyWish.Stop, copy.Wish);
                copy.Stopped(Clock.Now());
                return Task.CompletedTask;
            }
        );
        await StepAsync();
        Assert.Equal(CutOverStage.Done, (await MigrationAsync()).CutOver);
    }

    /// <summary>One step of the cut-over, as the engine takes it.</summary>
    private async Task StepAsync()
    {
        var step = new CutOverSteps(Database, Clock);
        var item = (
            await Database.ReadAsync(session => session.Work.FindOpenAsync($"cut-over:{_migration}", CutOverWork.Kind, default), default)
        )!;
        var result = await step.RunAsync(new(_migration), new(item.Id, item.Owner, item.Checkpoint, 0, item.CreatedAt, null), default);
        await Database.UpdateAsync(
            null,
            null,
            async session =>
            {
                var row = (await session.Work.FindAsync(item.Id, default))!;
                if (result is StepResult.GoOn on)
                {
                    if (on.Settle is { } settle)
                        await settle(session, default);
                    row.GoOn(on, Clock.Now());
                }
                else if (result is StepResult.Done done)
                    await done.Settle!(session, default);
                else
                    await step.RefusedAsync(session, new(_migration), ((StepResult.Refused)result).Problem, default);
                return true;
            },
            default
        );
    }

    private async Task<KafkaMigration> MigrationAsync() =>
        (await Use<GetMigration>().RunAsync(Owner, Org, _migration, default)).Value.Migration;

    private async Task EachAsync(Func<IPortalSession, CopiedPartition, Task> change) =>
        await Database.UpdateAsync(
            null,
            null,
            async session =>
            {
                foreach (var copy in (await session.Copies.ListAsync(_migration, null, new PageRequest(), default)).Items)
                    await change(session, copy);
                return true;
            },
            default
        );

    private async Task ChangeAsync(string name, Func<MovedGroup, CopiedPartition, GroupPosition?> change)
    {
        var organization = (await MigrationAsync()).OrganizationId;
        await Database.UpdateAsync(
            null,
            organization,
            async session =>
            {
                var copy = (await session.Copies.ListAsync(_migration, null, new PageRequest(), default)).Items[0];
                if (change((await session.Moves.FindGroupAsync(_migration, name, default))!, copy) is { } position)
                    session.Moves.Add(position);
                return true;
            },
            default
        );
    }

    private IRenderedComponent<MigrationPage> Shown(string tab, string? extra = null)
    {
        Use<NavigationManager>().NavigateTo(Links.Migration(Org, _migration, tab) + extra);
        return Render<MigrationPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Id, $"{_migration}"));
    }

    /// <summary>Pages read again at most four times a second, by the test's clock.</summary>
    private async Task SeenAsync(Action assertion)
    {
        for (var until = DateTime.UtcNow + Soon; ; Clock.Advance(TimeSpan.FromMilliseconds(300)))
        {
            try
            {
                assertion();
                return;
            }
            catch (Exception exception)
                when (exception is Xunit.Sdk.XunitException or ElementNotFoundException or InvalidOperationException
                    && DateTime.UtcNow < until
                )
            {
                await Task.Delay(30);
            }
        }
    }

    private static AngleSharp.Dom.IElement Button<T>(IRenderedComponent<T> page, string text)
        where T : IComponent => page.FindAll("button").Single(button => button.TextContent == text);
}
