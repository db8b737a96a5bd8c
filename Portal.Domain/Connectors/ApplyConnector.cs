using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Connectors;

/// <summary>What applying a manifest came to.</summary>
public enum Application
{
    Created,
    Updated,
    Unchanged,
}

/// <param name="Connector">As it is wanted from now on.</param>
public sealed record AppliedConnector(Application Application, Connector Connector);

/// <summary>
/// Makes what a manifest describes: creates it, changes what differs, starts or stops it, or does nothing. Applied again it
/// changes nothing and restarts nothing.
/// </summary>
public sealed class ApplyConnector(
    AccessGuard guard,
    GetConnector get,
    CreateConnector create,
    UpdateConnector update,
    RunConnector run,
    ISecretSeal seal
)
{
    /// <summary>Conflict <c>connector-fixed</c> where the manifest asks for what can't be changed of one that exists.</summary>
    public async Task<Outcome<AppliedConnector>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string name,
        ConnectorFamily family,
        ConnectorManifest manifest,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ManageResources,
            $"{family.Noun()}.apply",
            $"{tenant}/{@namespace}/{name}",
            Within: new(tenant, @namespace)
        );
        if ((await guard.EnterAsync(actor, organization, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (manifest.Unreadable is { } unreadable)
            return unreadable;
        if (manifest.Type is null)
            return new Problem.Invalid(
                "connector-type-unknown",
                "Set kind and type to a built-in connector or function of the cluster.",
                "type"
            );
        var found = await get.RunAsync(actor, organization, tenant, @namespace, name, family, cancellationToken);
        if (found.TryGet(out var present, out var missing))
            return await ChangeAsync(actor, organization, present, family, manifest, cancellationToken);
        if (missing.Code != "connector-not-found")
            return missing;
        var wanted = new NewConnector(
            @namespace,
            name,
            manifest.Kind,
            manifest.Type,
            manifest.Topics,
            manifest.Subscription,
            manifest.FromEarliest ?? false,
            manifest.Guarantee ?? Guarantee.AtLeastOnce,
            manifest.Instances ?? 1,
            manifest.Configuration,
            manifest.Wish == ConnectorWish.Stop
        )
        {
            Output = manifest.Output,
            CreateOutput = manifest.CreateOutput,
            Secrets = manifest.Secrets,
            StartAt = manifest.StartAt,
            MaxRetries = manifest.MaxRetries,
            DeadLetterTopic = manifest.DeadLetterTopic,
            CreateDeadLetterTopic = manifest.CreateDeadLetterTopic,
            PackageVersion = manifest.PackageVersion,
            ClassName = manifest.ClassName,
        };
        return (await create.RunAsync(actor, organization, tenant, wanted, cancellationToken)).Map(made => new AppliedConnector(
            Application.Created,
            made
        ));
    }

    private async Task<Outcome<AppliedConnector>> ChangeAsync(
        Actor actor,
        string organization,
        Connector present,
        ConnectorFamily family,
        ConnectorManifest manifest,
        CancellationToken cancellationToken
    )
    {
        if (present.State == ResourceState.Deleting)
            return ConnectorProblems.Deleting(present.Kind);
        if (Fixed(present, manifest) is { } @fixed)
            return @fixed;
        var application = Application.Unchanged;
        var now = present;
        if (Sealing.Missing(manifest.Secrets, manifest.Configuration, present.SecretFields) is { } absent)
            return absent;
        var sealsMore = manifest.Secrets.Except(present.SecretFields, StringComparer.Ordinal).Any();
        var otherCode =
            manifest.PackageVersion is { } version && version != present.Package?.Version
            || manifest.ClassName is { } code && code != present.Package?.Class;
        if (
            (manifest.Instances ?? present.Instances) != present.Instances
            || sealsMore
            || otherCode
            || !HasAll(present, manifest.Configuration)
        )
        {
            var change = new ConnectorChange(manifest.Guarantee, manifest.Instances, manifest.Configuration)
            {
                Secrets = manifest.Secrets,
                PackageVersion = manifest.PackageVersion,
                ClassName = manifest.ClassName,
            };
            var updated = await update.RunAsync(
                actor,
                organization,
                present.TenantName,
                present.NamespaceName,
                present.Name,
                family,
                change,
                cancellationToken
            );
            if (!updated.TryGet(out now, out var problem))
                return problem;
            application = Application.Updated;
        }
        // Wanted as it is wanted already, one that could not be created is tried again.
        var wish = manifest.Wish ?? now.Wish;
        if (wish == now.Wish && (application == Application.Updated || now.State != ResourceState.Failed))
            return new AppliedConnector(application, now);
        var act = wish == ConnectorWish.Run ? ConnectorAct.Start : ConnectorAct.Stop;
        return (await run.RunAsync(actor, organization, now.TenantName, now.NamespaceName, now.Name, family, act, cancellationToken)).Map(
            ran => new AppliedConnector(Application.Updated, ran)
        );
    }

    /// <summary>Its settings are those of the manifest already, secrets that were sent among them.</summary>
    private bool HasAll(Connector present, JsonObject configuration)
    {
        if (present.OpenSecrets(seal) is not { } secrets)
            return false;
        var plain = (JsonObject)ForeignJson.ParseNode(present.Configuration)!;
        var sent = configuration.Where(pair => pair.Value is not null).ToList();
        return sent.All(pair => JsonNode.DeepEquals(pair.Value, plain[pair.Key] ?? secrets[pair.Key]))
            && plain.All(pair => configuration.ContainsKey(pair.Key))
            && !secrets.Any(pair => configuration.TryGetPropertyValue(pair.Key, out var value) && value is null);
    }

    private static Problem.Conflict? Fixed(Connector present, ConnectorManifest manifest)
    {
        if (manifest.Kind != present.Kind)
            return Cannot("kind");
        if (manifest.Type is { } type && type != present.Type)
            return Cannot("type");
        var topics = present.Topics.Select(Connector.ShortTopic);
        if (!manifest.Topics.Select(CanonicalText.Compose).ToHashSet(StringComparer.Ordinal).SetEquals(topics))
            return Cannot(present.Kind == ConnectorKind.Function ? "inputs" : "topics");
        if (manifest.Output is { } output && output != Connector.ShortTopic(present.Output ?? ""))
            return Cannot("output");
        if (manifest.Subscription is { } subscription && subscription != present.Subscription)
            return Cannot("subscription");
        if (manifest.FromEarliest is { } fromEarliest && present.Subscription is not null && fromEarliest != present.FromEarliest)
            return Cannot("position");
        if (manifest.StartAt is { } start && start != present.StartAt)
            return Cannot("startAt");
        if (manifest.MaxRetries is { } retries && retries != present.MaxRetries)
            return Cannot("maxRetries");
        if (manifest.DeadLetterTopic is { } letters && letters != Connector.ShortTopic(present.DeadLetterTopic ?? ""))
            return Cannot("deadLetterTopic");
        return manifest.Guarantee is { } guarantee && guarantee != present.Guarantee ? Cannot("guarantee") : null;

        Problem.Conflict Cannot(string field) =>
            new(
                "connector-fixed",
                $"{field} can't be changed once a {present.Kind.Noun()} exists. "
                    + $"Delete the {present.Kind.Noun()} first, or apply the manifest under another name.",
                field
            );
    }
}
