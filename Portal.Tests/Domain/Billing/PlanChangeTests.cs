using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Plans;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Billing;

/// <summary>How changed limits are published, take effect, and reach every namespace concerned and no other.</summary>
public sealed class PlanChangeTests : IAsyncLifetime
{
    private static readonly PlanLimits Free = ShippedPlans.Of(PlanCode.Free).Limits;

    private PlanWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await PlanWorld.CreateAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task The_shipped_plans_are_published_once()
    {
        Assert.Equal(0, await new EnsureShippedPlans(_world.Database, _world.Clock).RunAsync(default));
        var plans = (await new ListPlans(_world.Guard, _world.Database).RunAsync(PlanWorld.Operator, default)).Value;
        Assert.Equal(
            [(PlanCode.Free, 1L), (PlanCode.Payg, 1L), (PlanCode.Dedicated, 1L)],
            plans.Select(view => (view.Version.Plan, view.Version.Version))
        );
    }

    [Fact]
    public async Task A_new_version_holds_at_once_and_reaches_every_namespace_of_the_plan_and_no_other()
    {
        await _world.OrganizationAsync("large", PlanCode.Free, 230);
        await _world.OrganizationAsync("small", PlanCode.Free, 2);
        await _world.OrganizationAsync("empty", PlanCode.Free, 0);
        await _world.OrganizationAsync("other", PlanCode.Payg, 2);
        var published = await _world.PublishAsync(PlanCode.Free, LimitKind.ProducersPerTopic, 9);
        Assert.Equal(
            (2, "operator@example.com", "As agreed"),
            (published.Value.Version, published.Value.PublishedBy, published.Value.Note)
        );
        await _world.CarryOutAsync();

        Assert.Empty(_world.Pump.Failures);
        Assert.Equal(232, _world.Cluster.Policies.Count);
        Assert.All(_world.Cluster.Policies.Values, policies => Assert.Equal(11, policies.MaxProducersPerTopic));
        Assert.DoesNotContain(_world.Cluster.Policies.Keys, path => path.StartsWith("other/", StringComparison.Ordinal));
        var job = Assert.Single(await _world.WorkAsync(ApplyPlanWork.Kind));
        Assert.Equal((WorkState.Done, 232, 232, "namespaces", true), (job.State, job.Done, job.Total, job.Unit, job.IsJob));
        // Short steps: at most 100 namespaces in each, and the looks of the end.
        Assert.InRange(job.Attempts, 4, 6);
        var parts = await _world.WorkAsync(ApplyPoliciesWork.Kind);
        Assert.All(parts, part => Assert.Equal((WorkPriority.Background, job.Id), (part.Priority, part.ParentId)));
        Assert.Equal(232, parts.Select(part => part.Line).Distinct().Count());
    }

    [Fact]
    public async Task Work_of_a_plan_goes_on_from_its_checkpoint_and_names_what_a_cluster_refuses()
    {
        await _world.OrganizationAsync("large", PlanCode.Free, 150);
        await _world.PublishAsync(PlanCode.Free, LimitKind.ProducersPerTopic, 9);
        await _world.Pump.RunAsync(atMost: 1);
        var begun = Assert.Single(await _world.WorkAsync(ApplyPlanWork.Kind));
        Assert.Equal((100, true), (begun.Total, begun.IsOpen));
        Assert.NotNull(begun.Checkpoint);
        Assert.Equal(100, (await _world.WorkAsync(ApplyPoliciesWork.Kind)).Count);
        _world.Cluster.SetsPolicies = new Problem.NotFound("namespace-not-on-cluster", "The namespace is not on the cluster.");
        await _world.CarryOutAsync();
        var job = Assert.Single(await _world.WorkAsync(ApplyPlanWork.Kind));
        Assert.Equal((WorkState.Refused, 150, "limits-incomplete"), (job.State, job.Total, job.ProblemCode));
        Assert.StartsWith("150 namespaces need attention. large/n", job.ProblemMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Organizations_without_namespaces_make_no_step_long_and_none_behind_them_is_forgotten()
    {
        for (var i = 0; i < 130; i++)
            await _world.OrganizationAsync($"empty-{i}", PlanCode.Free, 0);
        await _world.OrganizationAsync("last", PlanCode.Free, 1);
        await _world.PublishAsync(PlanCode.Free, LimitKind.ProducersPerTopic, 9);
        // The first step looks at a hundred of the 131 and says where the next one begins: at an organization.
        await _world.Pump.RunAsync(atMost: 1);
        Assert.True(Guid.TryParse(Assert.Single(await _world.WorkAsync(ApplyPlanWork.Kind)).Checkpoint?.Split('/')[0], out _));
        await _world.CarryOutAsync();
        Assert.Equal("last/n0", Assert.Single(_world.Cluster.Policies).Key);
        Assert.Equal(WorkState.Done, Assert.Single(await _world.WorkAsync(ApplyPlanWork.Kind)).State);
    }

    [Fact]
    public async Task An_organizations_own_limits_reach_its_namespaces_alone_and_are_taken_back()
    {
        await _world.OrganizationAsync("northwind", PlanCode.Free, 120);
        await _world.OrganizationAsync("other", PlanCode.Free, 1);
        var set = (await _world.SetLimitsAsync("northwind", LimitKind.ProducersPerTopic, 40)).Value;
        Assert.Equal((1, 40, true), (set.Revision, set.Plan.Limits.ProducersPerTopic, set.Plan.Own.Holds(LimitKind.ProducersPerTopic)));
        await _world.CarryOutAsync();
        Assert.Equal(120, _world.Cluster.Policies.Count);
        Assert.All(
            _world.Cluster.Policies,
            pair => Assert.Equal(("northwind", 42), (pair.Key.Split('/')[0], pair.Value.MaxProducersPerTopic))
        );
        Assert.All(await _world.WorkAsync(ApplyPoliciesWork.Kind), part => Assert.Equal(WorkPriority.Background, part.Priority));

        Assert.True(
            (
                await new ResetOrganizationLimits(_world.Guard, _world.Database, _world.Clock).RunAsync(
                    PlanWorld.Operator,
                    "northwind",
                    default
                )
            ).IsOk
        );
        await _world.CarryOutAsync();
        Assert.All(_world.Cluster.Policies.Values, policies => Assert.Equal(7, policies.MaxProducersPerTopic));
        var view = (
            await new GetOrganizationLimits(_world.Guard, _world.Database).RunAsync(PlanWorld.Operator, "northwind", default)
        ).Value;
        Assert.Equal((2, Free), (view.Revision, view.Plan.Limits));
    }

    [Fact]
    public async Task A_change_based_on_what_somebody_else_replaced_is_refused()
    {
        await _world.OrganizationAsync("northwind", PlanCode.Free, 1);
        Assert.True((await _world.PublishAsync(PlanCode.Free, LimitKind.Tenants, 2)).IsOk);
        Assert.Equal("plan-changed", (await _world.PublishAsync(PlanCode.Free, LimitKind.Tenants, 3)).Problem?.Code);
        Assert.Equal("plan-changed", (await _world.PublishAsync(PlanCode.Free, LimitKind.Tenants, 3, basedOn: 7)).Problem?.Code);
        Assert.Equal(3, (await _world.PublishAsync(PlanCode.Free, LimitKind.Tenants, 3, basedOn: 2)).Value.Version);
        Assert.True((await _world.SetLimitsAsync("northwind", LimitKind.Tenants, 5)).IsOk);
        Assert.Equal("limits-changed", (await _world.SetLimitsAsync("northwind", LimitKind.Tenants, 6)).Problem?.Code);
        // Taken back meanwhile: what was seen before is old for good.
        await new ResetOrganizationLimits(_world.Guard, _world.Database, _world.Clock).RunAsync(PlanWorld.Operator, "northwind", default);
        Assert.Equal("limits-changed", (await _world.SetLimitsAsync("northwind", LimitKind.Tenants, 6, basedOn: 1)).Problem?.Code);
        Assert.True((await _world.SetLimitsAsync("northwind", LimitKind.Tenants, 6, basedOn: 2)).IsOk);
    }

    [Fact]
    public async Task Own_limits_that_contradict_the_plans_are_refused()
    {
        await _world.OrganizationAsync("northwind", PlanCode.Free, 1);
        Assert.Equal(
            "backlog-over-retention",
            (await _world.SetLimitsAsync("northwind", LimitKind.BacklogQuotaBytes, ByteSize.GiB)).Problem?.Code
        );
        Assert.Equal("organization-not-found", (await _world.SetLimitsAsync("nowhere", LimitKind.Tenants, 2)).Problem?.Code);
    }

    [Fact]
    public async Task Who_is_over_new_limits_keeps_what_there_is_and_makes_no_more_until_it_fits()
    {
        var northwind = await _world.OrganizationAsync("northwind", PlanCode.Payg, 3);
        await _world.PublishAsync(PlanCode.Payg, LimitKind.NamespacesPerTenant, 2);
        await _world.CarryOutAsync();
        var create = new CreateNamespace(_world.Guard, _world.Database, _world.Clock);
        Assert.Equal("namespaces-limit", (await create.RunAsync(PlanWorld.Owner, "northwind", "northwind", "more", default)).Problem?.Code);
        Assert.All(
            await _world.Database.ReadAsync(session => session.Tenants.ReadyNamespacesAsync(northwind.Id, null, 10, default), default),
            one => Assert.Equal(ResourceState.Ready, one.State)
        );
        Assert.Equal(3, _world.Cluster.Policies.Count);
        // An own limit lifts it, at once.
        await _world.SetLimitsAsync("northwind", LimitKind.NamespacesPerTenant, 4);
        Assert.True((await create.RunAsync(PlanWorld.Owner, "northwind", "northwind", "more", default)).IsOk);
        Assert.Equal(
            "namespaces-limit",
            (await create.RunAsync(PlanWorld.Owner, "northwind", "northwind", "again", default)).Problem?.Code
        );
    }

    [Fact]
    public async Task A_customers_retention_outlives_a_plan_change_a_new_version_and_own_limits()
    {
        await _world.OrganizationAsync("northwind", PlanCode.Payg, 1, new(TimeSpan.FromDays(7), 2 * ByteSize.GiB));
        async Task InForceAsync(int days, long bytes)
        {
            await _world.CarryOutAsync();
            Assert.Equal(
                (TimeSpan.FromDays(days), bytes),
                (_world.Cluster.Policies["northwind/n0"].RetentionTime, _world.Cluster.Policies["northwind/n0"].RetentionSize)
            );
            var wish = await _world.Database.ReadAsync(
                async session =>
                    (
                        await session.Tenants.FindNamespaceAsync(
                            (
                                await session.Tenants.FindAsync(
                                    (await session.Organizations.FindAsync("northwind", default))!.Id,
                                    "northwind",
                                    default
                                )
                            )!.Id,
                            "n0",
                            default
                        )
                    )!.Wishes,
                default
            );
            Assert.Equal(new(TimeSpan.FromDays(7), 2 * ByteSize.GiB), wish);
        }

        Assert.True((await _world.SetPlanAsync("northwind", PlanCode.Dedicated)).IsOk);
        await InForceAsync(7, 2 * ByteSize.GiB);
        Assert.True((await _world.SetPlanAsync("northwind", PlanCode.Free)).IsOk);
        await InForceAsync(2, 512 * ByteSize.MiB);
        Assert.True((await _world.PublishAsync(PlanCode.Free, LimitKind.RetentionMinutes, 5 * 24 * 60)).IsOk);
        await InForceAsync(5, 512 * ByteSize.MiB);
        Assert.True((await _world.SetLimitsAsync("northwind", LimitKind.RetentionMinutes, null)).IsOk);
        await InForceAsync(7, 512 * ByteSize.MiB);
        Assert.True((await _world.SetLimitsAsync("northwind", LimitKind.RetentionBytes, 4 * ByteSize.GiB, basedOn: 1)).IsOk);
        await InForceAsync(5, 2 * ByteSize.GiB);
    }

    [Theory]
    [InlineData(4, 5, null)]
    [InlineData(5, 0, "topic 'persistent://northwind/n0/orders' has 5. Delete the topic first")]
    [InlineData(0, 6, "topic 'persistent://northwind/n0/orders' has 6. Delete 1 first")]
    public async Task A_way_down_looks_at_partitions_and_subscriptions(int partitions, int subscriptions, string? refusal)
    {
        var northwind = await _world.OrganizationAsync("northwind", PlanCode.Payg, 2);
        await _world.TopicAsync(northwind, "orders", partitions);
        await _world.TopicAsync(northwind, "returns");
        _world.Cluster.LiveOf["orders"] = Live(subscriptions);
        var changed = await _world.SetPlanAsync("northwind", PlanCode.Free);
        Assert.Equal(refusal is null ? null : "plan-too-small", changed.Problem?.Code);
        if (refusal is not null)
            Assert.Contains(refusal, changed.Problem!.Message, StringComparison.Ordinal);
        Assert.Equal(
            refusal is null ? PlanCode.Free : PlanCode.Payg,
            (await _world.Database.ReadAsync(session => session.Organizations.FindAsync(northwind.Id, default), default))!.Plan
        );
    }

    [Fact]
    public async Task A_way_down_waits_for_a_cluster_that_cannot_say_and_considers_own_limits()
    {
        var northwind = await _world.OrganizationAsync("northwind", PlanCode.Payg, 3);
        await _world.TopicAsync(northwind, "orders");
        Assert.Contains(
            "tenant 'northwind' has 3",
            (await _world.SetPlanAsync("northwind", PlanCode.Free)).Problem?.Message,
            StringComparison.Ordinal
        );
        await _world.SetLimitsAsync("northwind", LimitKind.NamespacesPerTenant, 3);
        _world.Cluster.LiveOf["orders"] = new Problem.Unavailable("cluster-unreachable", "The cluster does not answer.");
        Assert.Equal("cluster-unreachable", (await _world.SetPlanAsync("northwind", PlanCode.Free)).Problem?.Code);
        _world.Cluster.LiveOf["orders"] = new Problem.NotFound("topic-not-on-cluster", "It is gone.");
        Assert.True((await _world.SetPlanAsync("northwind", PlanCode.Free)).IsOk);
    }

    [Fact]
    public async Task A_preview_counts_all_who_are_over_and_pages_them()
    {
        for (var i = 0; i < 5; i++)
            await _world.OrganizationAsync($"over-{i}", PlanCode.Free, 2);
        await _world.OrganizationAsync("fits", PlanCode.Free, 1);
        await _world.OrganizationAsync("elsewhere", PlanCode.Payg, 9);
        await _world.OrganizationAsync("excepted", PlanCode.Free, 2);
        await _world.SetLimitsAsync("excepted", LimitKind.NamespacesPerTenant, 2);
        var partitioned = await _world.OrganizationAsync("partitioned", PlanCode.Free, 1);
        await _world.TopicAsync(partitioned, "orders", 4);
        var limits = Free.With(LimitKind.NamespacesPerTenant, 1).With(LimitKind.PartitionsPerTopic, 3);

        var seen = new List<OrganizationOver>();
        for (string? after = null; ; )
        {
            var preview = (await _world.PreviewAsync(PlanCode.Free, limits, new(2, after))).Value;
            Assert.Equal((1, 8, 6), (preview.BasedOn, preview.Organizations, preview.Over));
            seen.AddRange(preview.Page.Items);
            if ((after = preview.Page.Next) is null)
                break;
        }
        Assert.Equal(
            ["over-0", "over-1", "over-2", "over-3", "over-4", "partitioned"],
            seen.Select(one => one.Organization.Slug).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            new LimitOver(LimitKind.PartitionsPerTopic, 3, 4),
            Assert.Single(seen.Single(one => one.Organization.Slug == "partitioned").Over)
        );
        Assert.Equal(0, (await _world.PreviewAsync(PlanCode.Free, Free, new())).Value.Over);
        Assert.Equal(
            1,
            (await new ListPlans(_world.Guard, _world.Database).RunAsync(PlanWorld.Operator, default)).Value[0].Version.Version
        );
    }

    [Fact]
    public async Task Only_the_operator_publishes_previews_and_sets_limits_and_it_is_audited()
    {
        await _world.OrganizationAsync("northwind", PlanCode.Free, 1);
        var refused = await new PublishPlan(_world.Guard, _world.Database, _world.Clock).RunAsync(
            PlanWorld.Owner,
            "free",
            "Free",
            Free.ByName(),
            "More",
            1,
            default
        );
        Assert.Equal("operator-only", refused.Problem?.Code);
        await _world.PublishAsync(PlanCode.Free, LimitKind.Tenants, 3);
        var record = (await _world.Data.Audit.ListAsync(null, new(), new(), default)).Items.First(one =>
            one.Operation == "plan.publish" && one.Actor == "operator@example.com"
        );
        Assert.Equal(
            ("free", "1 → 3", "As agreed", "2"),
            (record.Subject, record.Details["tenants"], record.Details["note"], record.Details["version"])
        );
    }

    private static TopicStats Live(int subscriptions) =>
        new(
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            [
                .. Enumerable.Range(0, subscriptions).Select(i => new SubscriptionStats($"s{i}", null, 0, 0, 0, 0, true)),
                new("reader", null, 0, 0, 0, 0, false),
            ],
            null
        );
}
