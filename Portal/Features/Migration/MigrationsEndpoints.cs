using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Features.Api;

namespace Portal.Features.Migration;

public static class MigrationsEndpoints
{
    public static IEndpointRouteBuilder MapMigrations(this IEndpointRouteBuilder api)
    {
        var all = api.MapGroup("/api/v1/organizations/{org}/migrations").WithTags("Migrations");
        all.MapGet("", ListAsync).WithName("ListMigrations").WithSummary("List migrations from Kafka by name").Searchable();
        all.MapPost("", CreateAsync)
            .WithName("CreateMigration")
            .WithSummary("Create a migration from a Kafka cluster and start its inventory");
        all.MapPost("/test", TestAsync).WithName("TestKafkaConnection").WithSummary("Test a connection to a Kafka cluster step by step");
        var one = all.MapGroup("/{migration}");
        one.MapGet("", GetAsync).WithName("GetMigration").WithSummary("Get a migration");
        one.MapDelete("", RemoveAsync)
            .WithName("RemoveMigration")
            .WithSummary("Remove a migration with its credentials and inventory; topics stay");
        one.MapPut("/connection", ConnectAsync)
            .WithName("ChangeMigrationConnection")
            .WithSummary("Change how a migration connects to its Kafka cluster");
        one.MapPost("/inventory", InventoryAsync).WithName("StartInventory").WithSummary("Take the inventory of the Kafka cluster again");
        one.MapGet("/topics", TopicsAsync)
            .WithName("ListMigrationTopics")
            .WithSummary("List the topics of an inventory with their mapping")
            .Searchable();
        one.MapPut("/topics/{topic}/mapping", ChooseAsync).WithName("ChooseTopicMapping").WithSummary("Choose what becomes of one topic");
        one.MapGet("/groups", GroupsAsync)
            .WithName("ListMigrationGroups")
            .WithSummary("List the consumer groups of an inventory")
            .Searchable();
        one.MapGet("/acls", AclsAsync)
            .WithName("ListMigrationAcls")
            .WithSummary("List the access rules of the Kafka cluster, where they can be seen");
        one.MapGet("/mapping", RulesAsync).WithName("GetMappingRules").WithSummary("Get the mapping rules of a migration");
        one.MapPut("/mapping", SetRulesAsync).WithName("SetMappingRules").WithSummary("Set the mapping rules of a migration");
        one.MapGet("/dry-run", DryRunAsync)
            .WithName("GetDryRun")
            .WithSummary("Get what a migration would create, how long it would take, and what it would cost");
        one.MapCopies();
        one.MapMoves();
        return api;
    }

    private static Task<ListAnswer<PageOf<MigrationBody>>> ListAsync(
        string org,
        string? tenant,
        ApiContext context,
        ListMigrations list,
        CancellationToken cancellationToken
    ) =>
        context.ListAsync(
            page => list.RunAsync(context.Actor, org, tenant, page, cancellationToken),
            one => MigrationBodies.Of(one.Migration, move: one.Move)
        );

    private static Task<AcceptedAnswer<MigrationBody>> CreateAsync(
        string org,
        CreateMigrationBody body,
        ApiContext context,
        CreateMigration create,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () =>
                create.RunAsync(
                    context.Actor,
                    org,
                    body.Tenant ?? "",
                    body.Name,
                    new(body.BootstrapServers, body.Security, body.User, body.Password, body.CertificateAuthority),
                    cancellationToken
                ),
            made => Address(org, made),
            made => MigrationBodies.Of(made)
        );

    private static Task<Answer<ConnectionTestBody>> TestAsync(
        string org,
        TestConnectionBody body,
        ApiContext context,
        TestKafkaConnection test,
        CancellationToken cancellationToken
    ) =>
        context.OkAsync(
            () =>
                test.RunAsync(
                    context.Actor,
                    org,
                    body.Tenant ?? "",
                    new(body.BootstrapServers, body.Security, body.User, body.Password, body.CertificateAuthority),
                    body.Migration is null ? null : Id(body.Migration),
                    cancellationToken
                ),
            MigrationBodies.Of
        );

    private static async Task<Answer<MigrationBody>> GetAsync(
        string org,
        string migration,
        ApiContext context,
        GetMigration get,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, org, Id(migration), cancellationToken)).ToOk(view =>
            MigrationBodies.Of(view.Migration, view.Sums, view.Move)
        );

    private static async Task<EmptyAnswer> RemoveAsync(
        string org,
        string migration,
        ApiContext context,
        RemoveMigration remove,
        CancellationToken cancellationToken
    ) => (await remove.RunAsync(context.Actor, org, Id(migration), cancellationToken)).ToNoContent();

    private static async Task<Answer<MigrationBody>> ConnectAsync(
        string org,
        string migration,
        KafkaConnectionBody body,
        ApiContext context,
        ChangeMigrationConnection change,
        CancellationToken cancellationToken
    ) =>
        (
            await change.RunAsync(
                context.Actor,
                org,
                Id(migration),
                new(body.BootstrapServers, body.Security, body.User, body.Password, body.CertificateAuthority),
                cancellationToken
            )
        ).ToOk(changed => MigrationBodies.Of(changed));

    private static Task<AcceptedAnswer<MigrationBody>> InventoryAsync(
        string org,
        string migration,
        ApiContext context,
        StartInventory start,
        CancellationToken cancellationToken
    ) =>
        context.AcceptedAsync(
            () => start.RunAsync(context.Actor, org, Id(migration), cancellationToken),
            begun => Address(org, begun),
            begun => MigrationBodies.Of(begun)
        );

    private static async Task<ListAnswer<PageOf<MigrationTopicBody>>> TopicsAsync(
        string org,
        string migration,
        [OneOf("all", "moving", "staying", "blocked", "unused")] string? filter,
        ApiContext context,
        ListMigrationTopics list,
        CancellationToken cancellationToken
    )
    {
        if (!Enum.TryParse<TopicFilter>(filter ?? "all", ignoreCase: true, out var wanted) || !Enum.IsDefined(wanted))
            return new Problem.Invalid("topic-filter-unknown", "filter is all, moving, staying, blocked or unused.", "filter");
        return await context.ListAsync(
            page => list.RunAsync(context.Actor, org, Id(migration), wanted, page, cancellationToken),
            MigrationBodies.Of
        );
    }

    private static async Task<Answer<MigrationTopicBody>> ChooseAsync(
        string org,
        string migration,
        string topic,
        TopicChoiceBody body,
        ApiContext context,
        ChooseTopicMapping choose,
        CancellationToken cancellationToken
    )
    {
        if (body.Choice is not (null or "move" or "stay" or "rules"))
            return new Problem.Invalid("topic-choice-unknown", "choice is move, stay or rules.", "choice");
        return (
            await choose.RunAsync(
                context.Actor,
                org,
                Id(migration),
                topic,
                new(body.Choice == "stay", body.Choice == "rules", body.Tenant, body.Namespace, body.Name),
                cancellationToken
            )
        ).ToOk(MigrationBodies.Of);
    }

    private static Task<ListAnswer<PageOf<MigrationGroupBody>>> GroupsAsync(
        string org,
        string migration,
        ApiContext context,
        ListMigrationGroups list,
        CancellationToken cancellationToken
    ) => context.ListAsync(page => list.RunAsync(context.Actor, org, Id(migration), page, cancellationToken), MigrationBodies.Of);

    private static Task<ListAnswer<PageOf<MigrationAclBody>>> AclsAsync(
        string org,
        string migration,
        ApiContext context,
        GetMigration get,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            async () => (await get.RunAsync(context.Actor, org, Id(migration), cancellationToken)).Map(view => view.Migration.Acls ?? []),
            acl => $"{acl.Resource}\n{acl.Principal}\n{acl.Operation}\n{acl.Permission}\n{acl.Host}",
            acl => new MigrationAclBody(acl.Principal, acl.Resource, acl.Operation, acl.Permission, acl.Host)
        );

    private static async Task<Answer<MappingBody>> RulesAsync(
        string org,
        string migration,
        ApiContext context,
        GetMigration get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, Id(migration), cancellationToken)).ToOk(view => MigrationBodies.Mapping(view.Migration));

    private static async Task<Answer<MappingBody>> SetRulesAsync(
        string org,
        string migration,
        SetMappingBody body,
        ApiContext context,
        SetMappingRules set,
        CancellationToken cancellationToken
    )
    {
        return (
            await set.RunAsync(
                context.Actor,
                org,
                Id(migration),
                body.Rules?.Select(rule => new MappingRule(rule.Match ?? "", rule.Pattern, rule.Tenant, rule.Namespace, rule.Name))
                    .ToList(),
                cancellationToken
            )
        ).ToOk(MigrationBodies.Mapping);
    }

    private static async Task<Answer<DryRunBody>> DryRunAsync(
        string org,
        string migration,
        long? bytesPerSecond,
        ApiContext context,
        GetDryRun get,
        CancellationToken cancellationToken
    ) => (await get.RunAsync(context.Actor, org, Id(migration), bytesPerSecond, cancellationToken)).ToOk(DryRunBody.Of);

    /// <summary>What is no id names a migration that is not there.</summary>
    private static MigrationId Id(string text) => new(Guid.TryParse(text, out var id) ? id : Guid.Empty);

    private static string Address(string org, KafkaMigration migration) => $"/api/v1/organizations/{org}/migrations/{migration.Id}";
}
