using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Domain.Sample;

/// <summary>
/// Makes the sample company, a stage after the other: people, topics, clients, the past's usage, an invoice that is paid
/// and one whose card is declined. Every stage may be taken again; the checkpoint is the stage, with a number where it
/// counts. In the end whoever asked becomes an owner.
/// </summary>
public sealed class MakeSampleCompany(
    SampleSetup setup,
    SampleClients clients,
    SampleUsage usage,
    SampleInvoices invoices,
    IPortalDatabase database,
    IKillPoints killPoints,
    TimeProvider clock
) : IWorkStep<MakeSampleWork>
{
    private const string AtTopics = "topics";
    private const string AtClients = "clients";
    private const string AtUsage = "usage";
    private const string AtCounters = "counters";
    private const string AtFirstMonth = "first-month";
    private const string AtFirstInvoice = "first-invoice";
    private const string AtSecondMonth = "second-month";
    private const string AtSecondInvoice = "second-invoice";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <summary>Between steps that write much, so that polls and people get their turn at the ledger.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    public async Task<StepResult> RunAsync(MakeSampleWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var past = new SamplePast(payload.AskedAt);
        if (turn.Checkpoint is null)
        {
            var made = await setup.EnsureOrganizationAsync(
                new Actor(payload.By, payload.ByName, IsOperator: true),
                past,
                cancellationToken
            );
            return made.IsOk ? GoOn(AtTopics, 3, "Creating tenants and topics") : StepResult.Of(made.Problem);
        }
        if (
            await database.ReadAsync(session => session.Organizations.FindSampleAsync(cancellationToken), cancellationToken)
            is not { } sample
        )
            return new StepResult.Refused(
                new Problem.Conflict("sample-gone", "The sample company was removed while it was being created.")
            );
        var (stage, number) = turn.Checkpoint.Split(':') is [var word, var count]
            ? (word, int.Parse(count, CultureInfo.InvariantCulture))
            : (turn.Checkpoint, 0);
        return stage switch
        {
            AtTopics => await TopicsAsync(sample, past, cancellationToken),
            AtClients => await ClientsAsync(sample, past, number, cancellationToken),
            AtUsage => await UsageAsync(sample, past, turn, cancellationToken),
            AtCounters => await invoices.CanCloseAsync(sample.Id, past, cancellationToken)
                ? GoOn(AtFirstMonth, 80, "Closing the first month")
                : GoOn(AtCounters, 80, "Waiting for the cluster's first metering", Look),
            AtFirstMonth => await CloseAsync(
                sample.Id,
                past.Closed[0],
                TestCard.Pays,
                turn,
                AtFirstMonth,
                AtFirstInvoice,
                85,
                cancellationToken
            ),
            AtFirstInvoice => await SettledAsync(
                sample.Id,
                AtFirstInvoice,
                () => GoOn(AtSecondMonth, 90, "Closing the second month"),
                cancellationToken
            ),
            AtSecondMonth => await CloseAsync(
                sample.Id,
                past.Closed[1],
                TestCard.Declines,
                turn,
                AtSecondMonth,
                AtSecondInvoice,
                95,
                cancellationToken
            ),
            AtSecondInvoice => await SettledAsync(sample.Id, AtSecondInvoice, () => Finish(sample.Id, payload), cancellationToken),
            _ => throw new InvalidOperationException($"There is no stage {turn.Checkpoint}."),
        };
    }

    private async Task<StepResult> TopicsAsync(Organization sample, SamplePast past, CancellationToken cancellationToken)
    {
        if (!(await setup.EnsureTopicsAsync(sample, past, cancellationToken)).TryGet(out var topics, out var problem))
            return StepResult.Of(problem);
        killPoints.Reached(KillPoint.SampleAfterTopics);
        if (topics is not null)
            return GoOn($"{AtClients}:0", 20, "Creating keys and subscriptions");
        var tenants = await database.ReadAsync(
            session => session.Tenants.ListAsync(sample.Id, Scope.Whole, new PageRequest(100), cancellationToken),
            cancellationToken
        );
        var held = tenants.Items.FirstOrDefault(tenant => tenant.ProblemMessage is not null);
        return GoOn(
            AtTopics,
            10,
            held is null
                ? "Waiting for the cluster to create the topics"
                : $"Creating tenant {held.Name}: {held.ProblemMessage!.TrimEnd('.')}",
            Look
        );
    }

    private async Task<StepResult> ClientsAsync(Organization sample, SamplePast past, int number, CancellationToken cancellationToken)
    {
        var made = await clients.EnsureAsync(number, sample, past, cancellationToken);
        if (!made.IsOk)
            return StepResult.Of(made.Problem);
        killPoints.Reached(KillPoint.SampleAfterClient);
        return number + 1 < SampleClients.Steps
            ? GoOn(
                $"{AtClients}:{(number + 1).ToString(CultureInfo.InvariantCulture)}",
                20 + 10 * (number + 1) / SampleClients.Steps,
                "Creating keys and subscriptions"
            )
            : GoOn(AtUsage, 30, "Metering two months of traffic");
    }

    private async Task<StepResult> UsageAsync(Organization sample, SamplePast past, WorkTurn turn, CancellationToken cancellationToken)
    {
        IReadOnlyList<Topic> all = (
            await database.ReadAsync(
                session => session.Topics.ListOfOrganizationAsync(sample.Id, Scope.Whole, null, new PageRequest(100), cancellationToken),
                cancellationToken
            )
        ).Items;
        var written = await usage.AdvanceAsync(past, all, turn.Lease, cancellationToken);
        killPoints.Reached(KillPoint.SampleAfterUsage);
        if (written >= past.MeteredTo)
            return GoOn(AtCounters, 80, "Waiting for the cluster's first metering");
        return GoOn(
            AtUsage,
            30 + (long)(50 * ((written - past.Start) / (past.MeteredTo - past.Start))),
            "Metering two months of traffic",
            Breath
        );
    }

    private async Task<StepResult> CloseAsync(
        OrganizationId sample,
        Month month,
        TestCard card,
        WorkTurn turn,
        string here,
        string next,
        long percent,
        CancellationToken cancellationToken
    )
    {
        if ((await invoices.UseCardAsync(sample, card, cancellationToken)).Problem is { } cardless)
            return StepResult.Of(cardless);
        if (!(await invoices.CloseAsync(sample, month, turn, cancellationToken)).TryGet(out var closed, out var problem))
            return StepResult.Of(problem);
        killPoints.Reached(KillPoint.SampleAfterClose);
        return closed ? GoOn(next, percent, "Sending the invoice to Stripe") : GoOn(here, percent, "Closing the billing period", Look);
    }

    private async Task<StepResult> SettledAsync(
        OrganizationId sample,
        string here,
        Func<StepResult> then,
        CancellationToken cancellationToken
    )
    {
        if (!(await invoices.AreSettledAsync(sample, cancellationToken)).TryGet(out var settled, out var problem))
            return StepResult.Of(problem);
        return settled ? then() : GoOn(here, here == AtFirstInvoice ? 85 : 95, "Sending the invoice to Stripe", Look);
    }

    private StepResult.Done Finish(OrganizationId sample, MakeSampleWork payload) =>
        new(
            async (session, token) =>
            {
                if (payload.By is not { } account || await session.Accounts.FindAsync(account, token) is null)
                    return;
                if (await session.Organizations.FindMembershipAsync(sample, account, token) is null)
                    session.Organizations.Add(new Membership(sample, account, Role.Owner, clock.Now()));
            },
            SamplePlace.Percent(100, null)
        );

    private static StepResult.GoOn GoOn(string checkpoint, long percent, string note, TimeSpan after = default) =>
        new(checkpoint, after, Progress: SamplePlace.Percent(percent, note));
}
