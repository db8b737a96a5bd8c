using System.Diagnostics;
using System.Globalization;
using Portal.Bench.Ledger;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Bench.Billing;

/// <summary>
/// The close of a month of 10,000 organizations with 100 topics each, by the engine as the portal runs it, with a gateway
/// that answers at once. Baseline: the bare GROUP BY over the same hours, which only adds up and writes nothing.
/// </summary>
internal static class MonthEndBench
{
    private const int TopicsEach = 100;
    private const int AtOnce = 200;
    private static readonly int Organizations = int.TryParse(
        Environment.GetEnvironmentVariable("PORTAL_BENCH_ORGANIZATIONS"),
        NumberStyles.None,
        CultureInfo.InvariantCulture,
        out var count
    )
        ? count
        : 10_000;

    public static async Task RunAsync()
    {
        await using var database = await BenchDatabase.SqliteAsync(0);
        var began = Stopwatch.GetTimestamp();
        var month = Month.Of(database.Clock.Now());
        await FillAsync(database, month);
        BillingBench.Print(
            $"close: {Organizations:N0} organizations with {await database.ExecuteAsync("SELECT COUNT(*) FROM usage_hours", asks: true):N0} topic hours made in {Stopwatch.GetElapsedTime(began).TotalSeconds:N0} s"
        );
        var first = month.Start.ToUnixTimeSeconds() / 3600;
        var bare = new List<TimeSpan>();
        for (var round = 0; round < 3; round++)
        {
            began = Stopwatch.GetTimestamp();
            await database.ExecuteAsync(
                $"SELECT SUM(organization_no) FROM (SELECT organization_no, SUM(write_low), SUM(read_low), SUM(storage_low) FROM usage_hours WHERE hour >= {first} AND hour < {first + 720} GROUP BY organization_no)",
                asks: true
            );
            bare.Add(Stopwatch.GetElapsedTime(began));
        }
        var gateway = new InstantGateway();
        var (took, heaps) = await CloseAsync(database, month, gateway);
        var invoices = await database.ExecuteAsync("SELECT COUNT(*) FROM invoices", asks: true);
        BillingBench.Print(
            $"close: {invoices:N0} invoices in {took.TotalSeconds:N1} s ({took.TotalMilliseconds / Organizations:N2} ms each, {gateway.Calls:N0} calls of the gateway in {gateway.Took.TotalSeconds:N1} s); the bare GROUP BY {bare.Order().ElementAt(1).TotalSeconds:N2} s; managed memory {string.Join(", ", heaps.Select(heap => $"{heap / 1_048_576:N0}"))} MiB along the way"
        );
    }

    private static async Task<(TimeSpan Took, List<long> Heaps)> CloseAsync(BenchDatabase database, Month month, InstantGateway gateway)
    {
        var clock = database.Clock;
        clock.Advance(month.End.AddHours(25) - clock.Now());
        await database.ExecuteAsync(
            $"INSERT INTO usage_clusters (cluster, began_at, polled_at, complete_to, system_bytes, unknown_bytes, unexplained_rows) VALUES ('local', 0, {Microseconds(clock.Now())}, {Microseconds(clock.Now())}, '0', '0', 0)"
        );
        clock.Run();
        var nobody = new Nobody();
        var customers = new CreateStripeCustomer(database.Portal, nobody, gateway, new NoKillPoints(), clock);
        var handlers = new WorkHandlers(
            new object[]
            {
                new RunMonthClose(database.Portal, clock),
                new ClosePeriods(database.Portal, database.Usage, new NoKillPoints(), clock),
                new SettleInvoice(database.Portal, gateway, customers, nobody, nobody, new NoKillPoints(), BillingSettings.Default, clock),
            }.SelectMany(WorkHandler.Of)
        );
        var runner = new WorkRunner(
            database.Portal,
            database.Leases,
            database.Changes,
            handlers,
            new NoWorkObserver(),
            WorkSettings.Default,
            clock
        );
        using var end = new CancellationTokenSource();
        var began = Stopwatch.GetTimestamp();
        var job = await database.Portal.UpdateAsync(
            null,
            session =>
            {
                var close = new CloseMonthWork(month.ToString(), Early: false, clock.Now());
                return Task.FromResult(session.Work.Add(clock, close, close.Place()).Id);
            },
            CancellationToken.None
        );
        var running = runner.RunAsync(end.Token);
        var heaps = new List<long>();
        for (var next = 0.1; ; )
        {
            await Task.Delay(200);
            var row = (
                await database.Portal.ReadAsync(session => session.Work.FindAsync(job, CancellationToken.None), CancellationToken.None)
            )!;
            if (row.Done >= next * 2 * Organizations || !row.IsOpen)
            {
                heaps.Add(GC.GetTotalMemory(forceFullCollection: false));
                next += 0.2;
            }
            if (row.IsOpen)
                continue;
            if (row.State != WorkState.Done)
                throw new InvalidOperationException(row.ProblemMessage ?? row.Note);
            break;
        }
        var took = Stopwatch.GetElapsedTime(began);
        await end.CancelAsync();
        await running;
        return (took, heaps);
    }

    /// <summary>The first topic of each by the portal's model, the others as copies of its row.</summary>
    private static async Task FillAsync(BenchDatabase database, Month month)
    {
        var at = month.Start;
        await database.Portal.UpdateAsync(
            null,
            session =>
            {
                var book = PriceBook
                    .Parse(PriceBook.ShippedDocument.Replace("\"upTo\": 10", "\"upTo\": 0.001", StringComparison.Ordinal))
                    .Value;
                session.PriceBooks.Add(
                    new PriceBookRecord(
                        new PriceBookId(database.Clock.NewUuid()),
                        book.Version,
                        book.Currency,
                        book.StartsAt,
                        at,
                        "bench",
                        PriceBook.ShippedDocument.Replace("\"upTo\": 10", "\"upTo\": 0.001", StringComparison.Ordinal)
                    )
                );
                return Task.FromResult(true);
            },
            CancellationToken.None
        );
        for (var done = 0; done < Organizations; done += AtOnce)
        {
            var from = done;
            await database.Portal.UpdateAsync(
                null,
                session =>
                {
                    for (var number = from; number < Math.Min(from + AtOnce, Organizations); number++)
                    {
                        var organization = new Organization(
                            new(database.Clock.NewUuid()),
                            Slug.Create($"org-{number}").Value,
                            $"Customer {number}",
                            at
                        );
                        organization.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                        organization.SetStripeCustomer($"cus_{number}");
                        var tenant = new Tenant(
                            new(database.Clock.NewUuid()),
                            organization.Id,
                            TenantName.Create($"org-{number}").Value,
                            "local",
                            at
                        );
                        var @namespace = new Namespace(new(database.Clock.NewUuid()), tenant, NamespaceName.Default, at);
                        var topic = new Topic(new(database.Clock.NewUuid()), @namespace, TopicName.Create("topic-0").Value, true, 0, at);
                        topic.Ready(at);
                        session.Organizations.Add(organization);
                        session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Payg, at));
                        session.Tenants.Add(tenant);
                        session.Tenants.Add(@namespace);
                        session.Topics.Add(topic);
                    }
                    return Task.FromResult(true);
                },
                CancellationToken.None
            );
        }
        var columns = new List<string>();
        await using (var connection = await database.Connections.OpenAsync(CancellationToken.None))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT name FROM pragma_table_info('topics')";
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                columns.Add(reader.GetString(0));
        }
        const string NewId =
            "printf('%s-%s-%s-%s-%s', hex(randomblob(4)), hex(randomblob(2)), hex(randomblob(2)), hex(randomblob(2)), hex(randomblob(6)))";
        var copied = columns.Select(column =>
            column switch
            {
                "id" => NewId,
                "name" => "'topic-' || n.x",
                "address" => "t.address || n.x",
                _ => $"t.{column}",
            }
        );
        await database.ExecuteAsync(
            $"""
            WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x + 1 < {TopicsEach})
            INSERT INTO topics ({string.Join(", ", columns)}) SELECT {string.Join(", ", copied)} FROM (SELECT * FROM topics) t CROSS JOIN n
            """
        );
        await database.ExecuteAsync("INSERT INTO usage_organizations (organization_id) SELECT id FROM organizations");
        await database.ExecuteAsync(
            "INSERT INTO usage_topics (organization_no, topic_id) SELECT o.no, t.id FROM topics t JOIN usage_organizations o ON o.organization_id = t.organization_id"
        );
        const string Sums = "write_high, write_low, read_high, read_low, storage_high, storage_low";
        await database.ExecuteAsync(
            $"INSERT INTO usage_hours (organization_no, hour, topic_no, {Sums}) SELECT organization_no, {at.ToUnixTimeSeconds() / 3600} + no % 24, no, 0, 400000000, 0, 800000000, 100, 0 FROM usage_topics"
        );
        await database.ExecuteAsync(
            $"INSERT INTO usage_totals (organization_no, hour, {Sums}) SELECT organization_no, hour, SUM(write_high), SUM(write_low), SUM(read_high), SUM(read_low), SUM(storage_high), SUM(storage_low) FROM usage_hours GROUP BY 1, 2"
        );
    }

    private static long Microseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() * 1_000;

    /// <summary>No accounts, and a portal that is nowhere.</summary>
    private sealed class Nobody : IAccountDirectory, IPublicAddress
    {
        public Uri Url { get; } = new("https://portal.example");

        public Task<bool> AnyAsync(CancellationToken cancellationToken) => Task.FromResult(true);

        public Task<Account?> FindAsync(AccountId id, CancellationToken cancellationToken) => Task.FromResult<Account?>(null);

        public Task<IReadOnlyDictionary<AccountId, Account>> FindManyAsync(
            IReadOnlyCollection<AccountId> ids,
            CancellationToken cancellationToken
        ) => Task.FromResult<IReadOnlyDictionary<AccountId, Account>>(new Dictionary<AccountId, Account>());
    }
}
