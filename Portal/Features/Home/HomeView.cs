using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Domain.Topics;
using Portal.Domain.Usage;
using Portal.Features.Usage;

namespace Portal.Features.Home;

/// <summary>What the home of an organization shows. Parts that the actor may not see are null or empty: they were not asked for.</summary>
internal sealed record HomeView(OrganizationSummary Summary, Month Month)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public IReadOnlyList<Topic> Topics { get; init; } = [];

    /// <summary>What failed, or isn't there although it should be.</summary>
    public Unready Unready { get; init; } = Unready.None;

    /// <summary>Those in trouble.</summary>
    public IReadOnlyList<Connector> Connectors { get; init; } = [];

    /// <summary>Those that expire soon.</summary>
    public IReadOnlyList<EndingKey> EndingKeys { get; init; } = [];

    public IReadOnlyList<MigrationStanding> Migrations { get; init; } = [];

    /// <summary>Dead letter topics that messages arrived in lately.</summary>
    public IReadOnlyList<ArrivedDeadLetters> DeadLetters { get; init; } = [];

    /// <summary>Of the topics that are shown.</summary>
    public FiguresOfTopics? Figures { get; init; }

    public CurrentBill? Bill { get; init; }

    /// <summary>Null without one.</summary>
    public BudgetView? Budget { get; init; }

    public IReadOnlyList<Invoice> Invoices { get; init; } = [];

    /// <summary>The last 24 hours by hour and meter.</summary>
    public UsageReport? LastDay { get; init; }

    /// <summary>The month by day and meter, where it is charged.</summary>
    public UsageReport? ByDay { get; init; }

    /// <summary>Bytes kept now.</summary>
    public long? Stored { get; init; }

    /// <summary>Null where the actor may not read the audit log.</summary>
    public IReadOnlyList<Act>? Acts { get; init; }

    private OrganizationAccess Access => Summary.Access;

    public bool SeesResources => Access.Allows(Permission.ViewResources, Scope.Anywhere);

    public IReadOnlyList<AttentionItem> Attention(DateTimeOffset now) =>
        Home.Attention.Of(Access.Organization, Unready, now, Invoices, Connectors, Budget, EndingKeys, Migrations, DeadLetters);

    /// <summary>What each day of the month costs so far; null without any.</summary>
    public double?[]? CostByDay =>
        ByDay is { } report && report.Items.Items.Any(item => item.Amount > 0)
            ? UsageSlots.Values(report, report.Items.Items, Day, item => item.Amount)
            : null;

    public int? CostOpenFrom => ByDay is { } report ? UsageSlots.OpenFrom(report, Day) : null;

    /// <summary>
    /// Bytes kept on average in each of the last 24 hours; null without any. An hour that runs has only a part of its
    /// byte-hours and would look as if something had been deleted, so it is left out.
    /// </summary>
    public double?[]? StoredByHour
    {
        get
        {
            if (LastDay is not { } report)
                return null;
            var values = UsageSlots.Values(
                report,
                report.Items.Items.Where(item => item.Slice.Meter == Meter.Storage),
                Hour,
                item => item.Quantity
            );
            for (var slot = UsageSlots.OpenFrom(report, Hour) ?? values.Length; slot < values.Length; slot++)
                values[slot] = null;
            return values.Any(value => value > 0) ? values : null;
        }
    }

    /// <summary>The quickstart. A step links to where it is done for who may do it.</summary>
    public IReadOnlyList<FirstStep> Steps
    {
        get
        {
            var org = Access.Organization.Slug;
            var topic = Topics.FirstOrDefault(one => one.State == ResourceState.Ready) ?? (Topics.Count > 0 ? Topics[0] : null);
            return
            [
                new(
                    "Create a tenant",
                    Summary.Tenants > 0,
                    Access.Allows(Permission.ManageResources) ? Links.NewTenant(org) : null,
                    "Create"
                ),
                new(
                    "Create a topic",
                    Summary.Topics > 0,
                    Summary.Tenants > 0 && Access.Allows(Permission.ManageResources, Scope.Anywhere) ? Links.Tenants(org) : null,
                    "Choose a tenant"
                ),
                new(
                    "Create a key for your client",
                    Summary.Keys > 0,
                    topic is not null && Access.Allows(Permission.ManageKeys, Place(topic))
                        ? Links.Tenant(org, topic.TenantName, "connect")
                        : null,
                    "Create"
                ),
                new(
                    "Send the first message",
                    Summary.HasMessages,
                    topic is not null && Access.Allows(Permission.SendMessages, Place(topic))
                        ? Links.Topic(org, topic.TenantName, topic.NamespaceName, topic.Name, "messages")
                        : null,
                    "Send"
                ),
            ];
        }
    }

    private static Scope Place(Topic topic) => new(topic.TenantName, topic.NamespaceName);
}
