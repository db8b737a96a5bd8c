using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase.Ledger;

public abstract partial class UsageFiguresContract
{
    private sealed class World(TestDatabase database, TimeProvider clock) : IAsyncDisposable
    {
        public static readonly Actor Owner = new(new AccountId(Guid.NewGuid()), "owner@example.com", false);

        public Organization Northwind { get; } =
            new(new(clock.NewUuid()), Slug.Create("northwind").Value, "Northwind", Start.AddHours(-30));
        public Dictionary<string, Topic> Topics { get; } = [];
        public IPortalDatabase Database => database.Database;
        public IUsageFigures Figures => database.Provider.GetRequiredService<IUsageFigures>();
        public IUsageLedger Ledger => database.Provider.GetRequiredService<IUsageLedger>();
        public GetTopicFigures OfTopics => new(Guard, Database, Ledger, Figures, clock);
        public GetTenantFigures OfTenants => new(Guard, Database, Ledger, Figures, clock);
        public GetStored Stored => new(Guard, Figures);
        public GetUsage Usage => new(Guard, Database, Ledger, clock);

        private AccessGuard Guard => new(Database, database.Audit, clock);
        private ICollectorLedger Collector => database.Provider.GetRequiredService<ICollectorLedger>();

        public async Task BuildAsync()
        {
            var southwind = new Organization(new(clock.NewUuid()), Slug.Create("southwind").Value, "Southwind", Start.AddHours(-30));
            await ChangeAsync(session =>
            {
                foreach (var organization in new[] { Northwind, southwind })
                {
                    session.Organizations.Add(organization);
                    session.Organizations.Add(new Membership(organization.Id, Owner.AccountId!.Value, Role.Owner, Start));
                }
                var wanted = new[]
                {
                    (Northwind, "shop", (string[])["orders", "clicks"]),
                    (Northwind, "office", ["mail"]),
                    (southwind, "south", ["far"]),
                };
                foreach (var (owner, tenant, topics) in wanted)
                {
                    var made = new Tenant(new(clock.NewUuid()), owner.Id, TenantName.Create(tenant).Value, "local", Start.AddHours(-30));
                    var inside = new Namespace(new(clock.NewUuid()), made, NamespaceName.Default, Start.AddHours(-30));
                    session.Tenants.Add(made);
                    session.Tenants.Add(inside);
                    foreach (var name in topics)
                    {
                        var topic = new Topic(
                            new(clock.NewUuid()),
                            inside,
                            TopicName.Create(name).Value,
                            true,
                            name == "orders" ? 3 : 0,
                            Start.AddHours(-30)
                        );
                        topic.Ready(Start);
                        session.Topics.Add(topic);
                        Topics[name] = topic;
                    }
                }
                return Task.CompletedTask;
            });
            await StandAsync(5.25);
        }

        /// <summary>From now on, and for all of the month: usage costs a dollar per MiB written.</summary>
        public Task ChargeAsync() =>
            ChangeAsync(async session =>
            {
                (await session.Organizations.FindAsync(Northwind.Id, Now))!.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                session.Organizations.Add(new PlanPeriod(Northwind.Id, PlanCode.Payg, Start.AddDays(-2).DayStart()));
                const string Book = """
                    {"version": "dear", "currency": "usd", "startsAt": "2026-01-01T00:00:00Z", "meters": {"write": {"per": "MiB", "model": "perUnit", "unitPrice": "1"}}}
                    """;
                session.PriceBooks.Add(
                    new PriceBookRecord(
                        new(clock.NewUuid()),
                        "dear",
                        Currency.Usd,
                        PriceBook.Parse(Book).Value.StartsAt,
                        Start.AddDays(-10),
                        "operator",
                        Book
                    )
                );
            });

        public Task ChangeAsync(Func<IPortalSession, Task> change) =>
            Database.UpdateAsync(
                null,
                async session =>
                {
                    await change(session);
                    return true;
                },
                Now
            );

        /// <summary>More topics beside orders.</summary>
        public Task AddAsync(string[] names) =>
            ChangeAsync(async session =>
            {
                var inside = (await session.Tenants.FindNamespaceAsync(Topics["orders"].NamespaceId, Now))!;
                foreach (var name in names)
                {
                    var topic = Topics[name] = new Topic(new(clock.NewUuid()), inside, TopicName.Create(name).Value, true, 0, Start);
                    topic.Ready(Start);
                    session.Topics.Add(topic);
                }
            });

        /// <summary>The same bytes in and out of each.</summary>
        public Task TrafficAsync(string[] topics, double hour, long bytes) =>
            WriteAsync(
                new(
                    [.. topics.SelectMany(topic => new[] { Meter.Write, Meter.Read }.Select(meter => Delta(topic, meter, hour, bytes)))],
                    [],
                    [],
                    TrafficApart.None
                )
            );

        /// <summary>Bytes that came in and went out in the hour that begins so many hours after the start.</summary>
        public Task TrafficAsync(string topic, double hour, long taken, long given) =>
            WriteAsync(new([Delta(topic, Meter.Write, hour, taken), Delta(topic, Meter.Read, hour, given)], [], [], TrafficApart.None));

        public Task KeepAsync(string topic, string suffix, string broker, long bytes, DateTimeOffset? until = null) =>
            WriteAsync(
                new(
                    [],
                    [],
                    [
                        new(
                            broker,
                            new(Topics[topic].Address + suffix, 1, 1, 1, 1, bytes),
                            Topics[topic].Id,
                            Topics[topic].OrganizationId,
                            Start,
                            false,
                            false,
                            Start,
                            until
                        ),
                    ],
                    TrafficApart.None
                )
            );

        public Task MissAsync(string topic, double from, double to) =>
            WriteAsync(
                new(
                    [],
                    [new(Metered(topic), Start.AddHours(from), Start.AddHours(to), "b1", GapCause.CollectorAway)],
                    [],
                    TrafficApart.None
                )
            );

        public Task StandAsync(double completeTo) =>
            Collector.SaveAsync(
                new("local", Start.AddHours(completeTo), Start, Start.AddHours(completeTo), [], TrafficApart.None),
                null,
                Now
            );

        public TopicId[] Ids(params string[] topics) => [.. topics.Select(topic => Topics[topic].Id)];

        public ValueTask DisposeAsync() => database.DisposeAsync();

        private MeteredDelta Delta(string topic, Meter meter, double hour, long bytes) =>
            new(
                meter,
                Metered(topic),
                "b1",
                Topics[topic].Address,
                Start.AddHours(hour),
                Start.AddHours(hour).AddMinutes(5),
                0,
                bytes,
                bytes
            );

        private MeteredTopic Metered(string topic) => new(Topics[topic].Id, Topics[topic].OrganizationId, Topics[topic].Partitions, false);

        private async Task WriteAsync(PollResult part)
        {
            await Collector.BeginAsync("local", Start, Now);
            await Collector.AdvanceAsync("local", null, new(null, null), (_, _) => part, Now);
        }
    }
}
