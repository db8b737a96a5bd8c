using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Work;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Support;

/// <summary>Carries out what is open of a migration, step by step, as the engine does.</summary>
internal static class InventoryRun
{
    /// <param name="killEvery">Of so many steps one is carried out and not noted: it comes again. 0 for none.</param>
    public static async Task ToEndAsync(
        IPortalDatabase database,
        IKafkaCluster kafka,
        FakeTimeProvider clock,
        KafkaMigration migration,
        int killEvery = 0
    )
    {
        for (var step = 1; await OpenAsync(database, migration) is { } item; step++)
        {
            Assert.InRange(step, 1, 200);
            clock.Advance(TimeSpan.FromSeconds(10));
            var result =
                item.Kind == TakeInventoryWork.Kind
                    ? await new TakeInventory(database, kafka, new PlainSeal(), clock).RunAsync(
                        new(migration.Id),
                        Turn(item),
                        CancellationToken.None
                    )
                    : await new MapTopics(database).RunAsync(new(migration.Id), Turn(item), CancellationToken.None);
            if (killEvery > 0 && step % killEvery == 0 && result is StepResult.GoOn)
                continue;
            await database.UpdateAsync(
                null,
                migration.OrganizationId,
                async session =>
                {
                    var row = (await session.Work.FindAsync(item.Id, CancellationToken.None))!;
                    switch (result)
                    {
                        case StepResult.GoOn on:
                            if (on.Settle is { } settle)
                                await settle(session, CancellationToken.None);
                            row.GoOn(on, clock.Now());
                            break;
                        case StepResult.Done done:
                            if (done.Settle is { } end)
                                await end(session, CancellationToken.None);
                            row.Finish(done, clock.Now());
                            break;
                        default:
                            Assert.Fail($"{result}");
                            break;
                    }
                    return true;
                },
                CancellationToken.None
            );
        }
    }

    /// <summary>The next step meets a cluster that is away.</summary>
    public static async Task PostponeAsync(IPortalDatabase database, StandingKafka kafka, KafkaMigration migration, Problem problem)
    {
        kafka.Away = problem;
        var step = new TakeInventory(database, kafka, new PlainSeal(), TimeProvider.System);
        var result = Assert.IsType<StepResult.Later>(
            await step.RunAsync(new(migration.Id), Turn((await OpenAsync(database, migration))!), CancellationToken.None)
        );
        await database.UpdateAsync(
            null,
            migration.OrganizationId,
            async session =>
            {
                await step.PostponedAsync(session, new(migration.Id), result.Problem, CancellationToken.None);
                return true;
            },
            CancellationToken.None
        );
        kafka.Away = null;
    }

    private static Task<WorkItem?> OpenAsync(IPortalDatabase database, KafkaMigration migration) =>
        database.ReadAsync(
            session => session.Work.FindHeadAsync($"migration:{migration.Id}", CancellationToken.None),
            CancellationToken.None
        );

    private static WorkTurn Turn(WorkItem item) => new(item.Id, item.Owner, item.Checkpoint, 0, item.CreatedAt, null);
}
