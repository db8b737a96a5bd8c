using System.Text;
using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>What an operator decided of a built-in connector, beside everything that could be decided.</summary>
/// <param name="Definition">With all settings, the operator's too.</param>
public sealed record OperatedConnector(ConnectorDefinition Definition, ConnectorTerms Terms, bool IsAllowed);

/// <summary>For operators: the settings of a built-in connector, and which of them are theirs. Values of secrets are not told.</summary>
public sealed class GetConnectorTerms(AccessGuard guard, IPortalDatabase database, IConnectorAdmin connectors, ConnectorGuides guides)
{
    public async Task<Outcome<OperatedConnector>> RunAsync(
        Actor actor,
        string cluster,
        ConnectorKind kind,
        string? type,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "cluster.view-connector-settings",
            $"{cluster}/{kind.Text()}:{Operation.Brief(type ?? "")}"
        );
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var found = await database.ReadAsync(session => session.Clusters.FindAsync(cluster, cancellationToken), cancellationToken);
        if (!ClusterOperations.Present(found).TryGet(out var registered, out var missing))
            return missing;
        return await SetConnectorTerms.LookAsync(connectors, guides, registered, kind, type, cancellationToken);
    }
}

/// <summary>What an operator wants of a built-in connector.</summary>
/// <param name="Note">For customers; null or empty for none.</param>
/// <param name="Fixed">Values by setting; null keeps a secret that is stored already.</param>
public sealed record WantedTerms(string? Note, IReadOnlyList<string> Hidden, JsonObject Fixed)
{
    /// <summary>What could not be understood of what was sent: told once it is known that the one who asks may.</summary>
    public Problem.Invalid? Unreadable { get; init; }
}

/// <summary>
/// Hides and fixes settings of a built-in connector for everybody on a cluster, and says a word to those who use it.
/// Connectors that run get the new values within a minute and restart with them; stopped ones when they start.
/// </summary>
public sealed class SetConnectorTerms(
    AccessGuard guard,
    IPortalDatabase database,
    IConnectorAdmin connectors,
    ConnectorGuides guides,
    ISecretSeal seal,
    TimeProvider clock
)
{
    /// <summary>
    /// Invalid <c>connector-terms-needed</c> for a hidden setting without which the connector can't run, Conflict
    /// <c>connector-terms-leak</c> for a fixed secret that customers could have sent to a server of their own.
    /// </summary>
    public async Task<Outcome<OperatedConnector>> RunAsync(
        Actor actor,
        string cluster,
        ConnectorKind kind,
        string? type,
        WantedTerms wanted,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.OperatePlatform,
            "cluster.set-connector-settings",
            $"{cluster}/{kind.Text()}:{Operation.Brief(type ?? "")}",
            new Dictionary<string, string>
            {
                ["hidden"] = Operation.Brief(string.Join(", ", wanted.Hidden)),
                // Names alone: values may be secrets.
                ["fixed"] = Operation.Brief(string.Join(", ", wanted.Fixed.Select(pair => pair.Key))),
            }
        );
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        if (wanted.Unreadable is { } unreadable)
            return unreadable;
        var found = await database.ReadAsync(session => session.Clusters.FindAsync(cluster, cancellationToken), cancellationToken);
        if (!ClusterOperations.Present(found).TryGet(out var registered, out var missing))
            return missing;
        if (!(await LookAsync(connectors, guides, registered, kind, type, cancellationToken)).TryGet(out var operated, out var problem))
            return problem;
        var (definition, before) = (operated.Definition, operated.Terms);
        if (Check(definition, before, wanted) is { } wrong)
            return wrong;

        var key = definition.Type.Key;
        var secrets = new JsonObject();
        var values = new JsonObject();
        foreach (var (name, value) in wanted.Fixed)
            (definition.Find(name)!.IsSecret ? secrets : values)[name] = value?.DeepClone();
        if (secrets.Any(pair => pair.Value is null))
        {
            if (!registered.Complete(kind, definition.Type.Name, [], [], seal).TryGet(out var stored, out problem))
                return problem;
            foreach (var name in secrets.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList())
                secrets[name] = stored.Whole[name]?.DeepClone();
        }
        // Sealed before the transaction begins: the key ring may have to write a new key first.
        var isSame =
            before.FixedSecrets.ToHashSet(StringComparer.Ordinal).SetEquals(secrets.Select(pair => pair.Key))
            && wanted.Fixed.All(pair => !secrets.ContainsKey(pair.Key) || pair.Value is null);
        var sealedSecrets =
            secrets.Count == 0 ? null
            : isSame ? before.SealedSecrets
            : seal.Seal(ConnectorTerms.SealPurpose(cluster, key), secrets.ToJsonString());
        List<string> hidden = [.. wanted.Hidden.Distinct(StringComparer.Ordinal)];
        var changes =
            !isSame || !JsonNode.DeepEquals(before.Fixed, values) || !before.Hidden.ToHashSet(StringComparer.Ordinal).SetEquals(hidden);
        var terms = new ConnectorTerms(
            wanted.Note?.Trim() is { Length: > 0 } note ? note : null,
            hidden,
            values,
            [.. secrets.Select(pair => pair.Key)],
            sealedSecrets,
            before.Revision + (changes ? 1 : 0)
        );
        return await database.WriteAsync<OperatedConnector>(
            actor,
            null,
            operation,
            async session =>
            {
                if (
                    !ClusterOperations
                        .Present(await session.Clusters.FindToChangeAsync(cluster, cancellationToken))
                        .TryGet(out var now, out var gone)
                )
                    return gone;
                var present = now.TermsOf(kind, definition.Type.Name);
                if (present.Revision != before.Revision || present.Note != before.Note)
                    return new Problem.Conflict(
                        "connector-terms-changed",
                        "Somebody else changed these settings in the meantime. Look at them again, then repeat your change."
                    );
                now.Set(key, terms, actor.Name, clock.Now());
                return operated with { Terms = terms };
            },
            cancellationToken
        );
    }

    internal static async Task<Outcome<OperatedConnector>> LookAsync(
        IConnectorAdmin connectors,
        ConnectorGuides guides,
        RegisteredCluster cluster,
        ConnectorKind kind,
        string? type,
        CancellationToken cancellationToken
    )
    {
        if (!(await connectors.TypesAsync(cluster.Name, cancellationToken)).TryGet(out var types, out var problem))
            return problem;
        if (types.FirstOrDefault(one => one.Kind == kind && one.Name == type) is not { } found)
            return ConnectorProblems.UnknownType(kind, type);
        var guide = guides.Find(kind, found.Name);
        return (await connectors.FieldsAsync(cluster.Name, found, cancellationToken)).Map(fields => new OperatedConnector(
            new(found with { Guide = guide }, guide?.Guided(fields) ?? fields),
            cluster.TermsOf(kind, found.Name),
            cluster.Allows(found)
        ));
    }

    private static Problem? Check(ConnectorDefinition definition, ConnectorTerms before, WantedTerms wanted)
    {
        if (wanted.Note is { Length: > ConnectorTerms.MaxNote })
            return new Problem.Invalid(
                "note-size",
                $"The note is too long. It can have at most {ConnectorTerms.MaxNote} characters.",
                "note"
            );
        if (Encoding.UTF8.GetByteCount(wanted.Fixed.ToJsonString()) > ConnectorConfiguration.MaxBytes)
            return new Problem.Invalid(
                "connector-configuration-size",
                $"The values are too large. They can have at most {ConnectorConfiguration.MaxBytes / 1024} KiB.",
                "fixed"
            );
        if (
            wanted.Hidden.Concat(wanted.Fixed.Select(pair => pair.Key)).FirstOrDefault(name => definition.Find(name) is null) is { } unknown
        )
            return new Problem.Invalid(
                "connector-field-unknown",
                $"{definition.Type.Name} has no setting named '{ConnectorConfiguration.Shortened(unknown)}'. Check its spelling.",
                wanted.Fixed.ContainsKey(unknown) ? "fixed" : "hidden"
            );
        if (wanted.Hidden.FirstOrDefault(wanted.Fixed.ContainsKey) is { } both)
            return new Problem.Invalid("connector-terms-both", $"{both} is both hidden and fixed. Choose one of the two.", "hidden");
        if (wanted.Hidden.FirstOrDefault(name => definition.Find(name) is { Required: true, Default: null }) is { } needed)
            return new Problem.Invalid(
                "connector-terms-needed",
                $"The {definition.Type.Kind.Noun()} can't run without {definition.Find(needed)!.Label}. "
                    + "Fix its value instead of hiding it.",
                "hidden"
            );
        foreach (var (name, value) in wanted.Fixed)
        {
            var field = definition.Find(name)!;
            if (value is null && !(field.IsSecret && before.FixedSecrets.Contains(name, StringComparer.Ordinal)))
                return new Problem.Invalid("connector-field-required", $"Enter a value for {field.Label}.", $"fixed.{name}");
            if (value is not null && ConnectorConfiguration.CheckOperators(field, value) is { } wrong)
                return wrong with { Field = $"fixed.{name}" };
        }
        // A customer who may say where a connector connects to would be sent the operator's password there.
        if (wanted.Fixed.Select(pair => definition.Find(pair.Key)!).FirstOrDefault(field => field.IsSecret) is not { } secret)
            return null;
        var leading = definition.IsOpen
            ? ["all other settings"]
            : definition
                .Fields.Where(field =>
                    KeptSecrets.MayLead(field) && !wanted.Hidden.Contains(field.Name) && !wanted.Fixed.ContainsKey(field.Name)
                )
                .Select(field => field.Label)
                .ToList();
        return leading is not [_, ..]
            ? null
            : new Problem.Conflict(
                "connector-terms-leak",
                definition.IsOpen
                    ? $"{secret.Label} can't be fixed: this function takes settings of any name, so a customer could have the value "
                        + "sent to a server of their own."
                    : $"Also hide or fix {string.Join(", ", leading)}. Otherwise a customer could have {secret.Label} sent to a "
                        + "server of their own.",
                "fixed"
            );
    }
}
