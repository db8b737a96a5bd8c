using System.Diagnostics;
using Portal.Bench.Ledger;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Usage;

namespace Portal.Bench.Billing;

/// <summary>
/// What the usage page asks for, of an organization with a thousand topics and a year of usage (a tenth of all topic hours
/// have traffic), alone in the database and beside 10, 100 and 1,000 others with a quarter of a year each.
/// </summary>
internal static class UsagePageBench
{
    private const int Topics = 1_000;
    private const int Days = 365;
    private const int Tries = 60;
    private static readonly Actor Owner = new(new AccountId(Guid.CreateVersion7()), "owner@example.com", false);

    public static async Task RunAsync()
    {
        await using var database = await BenchDatabase.SqliteAsync(Topics);
        var begins = database.Clock.Now();
        var first = begins.ToUnixTimeSeconds() / 3600;
        await database.Portal.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync("customer-0", CancellationToken.None))!;
                organization.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                session.Organizations.Add(new Membership(organization.Id, Owner.AccountId!.Value, Role.Owner, begins));
                session.Organizations.Add(new PlanPeriod(organization.Id, PlanCode.Payg, begins));
                return true;
            },
            CancellationToken.None
        );
        await database.ExecuteAsync("INSERT INTO usage_organizations (organization_id) SELECT id FROM organizations");
        await database.ExecuteAsync(
            "INSERT INTO usage_topics (organization_no, topic_id) SELECT o.no, t.id FROM topics t JOIN usage_organizations o ON o.organization_id = t.organization_id"
        );
        var rows = await database.ExecuteAsync(
            $"""
            WITH RECURSIVE h (hour) AS (SELECT {first} UNION ALL SELECT hour + 1 FROM h WHERE hour + 1 < {first + Days * 24})
            INSERT INTO usage_hours (organization_no, hour, topic_no, {Sums}) SELECT t.organization_no, h.hour, t.no, 0, 1000000 + t.no, 0, 2000000 + t.no, 0, 3000000000 FROM h CROSS JOIN usage_topics t
            WHERE (t.no * 7 + h.hour) % 10 = 0
            """
        );
        await database.ExecuteAsync(
            $"INSERT INTO usage_totals (organization_no, hour, {Sums}) SELECT organization_no, hour, {Summed} FROM usage_hours GROUP BY 1, 2"
        );
        database.Clock.Advance(TimeSpan.FromDays(Days));
        await database.PassAsync();
        BillingBench.Print($"usage page: {Topics:N0} topics, a year, {rows:N0} topic hours with traffic");

        var others = 0;
        foreach (var wanted in new[] { 0, 10, 100, 1_000 })
        {
            await AddOthersAsync(database, others, wanted, first);
            others = wanted;
            var (byMeter, byTopic) = (await MeasureAsync(database, byTopic: false), await MeasureAsync(database, byTopic: true));
            BillingBench.Print(
                $"usage page, 12 months, beside {others:N0} others: by meter median {At(byMeter, 50):N1} ms, p95 {At(byMeter, 95):N1} ms; first page of topics median {At(byTopic, 50):N0} ms, p95 {At(byTopic, 95):N0} ms"
            );
        }
    }

    private const string Sums = "write_high, write_low, read_high, read_low, storage_high, storage_low";
    private const string Summed = "SUM(write_high), SUM(write_low), SUM(read_high), SUM(read_low), SUM(storage_high), SUM(storage_low)";

    private static async Task AddOthersAsync(BenchDatabase database, int from, int to, long first)
    {
        if (to == from)
            return;
        var numbers = $"n (no) AS (SELECT {1_000 + from} UNION ALL SELECT no + 1 FROM n WHERE no + 1 < {1_000 + to})";
        var hours =
            $"h (hour) AS (SELECT {first + (Days - 90) * 24} UNION ALL SELECT hour + 1 FROM h WHERE hour + 1 < {first + Days * 24})";
        await database.ExecuteAsync(
            $"WITH RECURSIVE {numbers}, {hours} INSERT INTO usage_hours (organization_no, hour, topic_no, {Sums}) SELECT no, hour, 1000000 + no * 10 + hour % 10, 0, 5000000, 0, 5000000, 0, 5000000 FROM n CROSS JOIN h"
        );
        await database.ExecuteAsync(
            $"WITH RECURSIVE {numbers}, {hours} INSERT INTO usage_totals (organization_no, hour, {Sums}) SELECT no, hour, 0, 5000000, 0, 5000000, 0, 5000000 FROM n CROSS JOIN h"
        );
    }

    /// <summary>The page's own questions, in its order.</summary>
    private static async Task<List<double>> MeasureAsync(BenchDatabase database, bool byTopic)
    {
        var use = new GetUsage(
            new AccessGuard(database.Portal, database.Audit, database.Clock),
            database.Portal,
            database.Usage,
            database.Clock
        );
        var to = database.Clock.Now();
        var from = Month.Of(to.AddMonths(-11)).Start;
        var times = new List<double>();
        // By topic all topic hours of a year are added up: fewer tries say as much.
        for (var left = byTopic ? Tries / 10 : Tries; left > 0; left--)
        {
            var began = Stopwatch.GetTimestamp();
            var request = new UsageRequest(from, to, UsageInterval.Total, byTopic, byTopic, byTopic);
            await AskAsync(request, new PageRequest(100));
            foreach (var meter in new[] { Meter.Write, Meter.Read })
                await AskAsync(
                    request with
                    {
                        Interval = UsageInterval.Day,
                        ByTenant = false,
                        ByNamespace = false,
                        ByTopic = false,
                        Meter = meter,
                    },
                    new PageRequest(PageRequest.MaxLimit)
                );
            await AskAsync(
                request with
                {
                    From = from.AddMonths(-12),
                    To = from,
                    Topics = byTopic ? [] : null,
                },
                new PageRequest(PageRequest.MaxLimit)
            );
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return times;

        async Task AskAsync(UsageRequest request, PageRequest page)
        {
            var answer = await use.RunAsync(Owner, "customer-0", request, page, CancellationToken.None);
            if (!answer.IsOk)
                throw new InvalidOperationException(answer.Problem.Message);
        }
    }

    private static double At(List<double> times, int percent) =>
        times.Order().ElementAt(Math.Min(times.Count - 1, times.Count * percent / 100));
}
