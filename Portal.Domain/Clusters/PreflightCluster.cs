using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>How one part of a check went.</summary>
public enum FindingState
{
    Good,
    Warning,
    Bad,
    Unknown,
}

/// <summary>One thing that was looked at before a cluster is registered or changed.</summary>
public sealed record ClusterFinding(string Name, FindingState State, string Sentence);

/// <summary>What the check found, in the order in which it looks.</summary>
/// <param name="Health">Null when the cluster did not answer all questions.</param>
public sealed record ClusterPreflight(IReadOnlyList<ClusterFinding> Findings, ClusterHealth? Health)
{
    /// <summary>Nothing stands in the way of using it.</summary>
    public bool IsUsable => Findings.All(finding => finding.State is FindingState.Good or FindingState.Warning);

    // Answers that were had, and are about who asks.
    private static readonly string[] AboutTheToken = ["cluster-unauthorized", "clock-skew"];

    private static readonly string[] NotReached = ["cluster-unreachable", "cluster-timeout", "cluster-redirect-refused"];

    /// <param name="asked">Of a cluster that is not registered yet, its addresses: what to check is said of them.</param>
    internal static ClusterPreflight Of(Outcome<ClusterHealth> answer, string? asked = null)
    {
        if (answer.TryGet(out var health, out var problem))
        {
            return new(
                [
                    new(
                        "Reachable",
                        FindingState.Good,
                        health.Brokers.Count == 1 ? "1 broker answers." : $"The cluster lists {health.Brokers.Count} brokers."
                    ),
                    new("Version", FindingState.Good, $"Pulsar {health.Version}, cluster name {health.PulsarName}."),
                    new("Admin token", FindingState.Good, "Accepted."),
                    .. health.Warnings.Select(warning => new ClusterFinding("Broker settings", FindingState.Warning, warning)),
                    .. health.Warnings.Count == 0
                        ? new[] { new ClusterFinding("Broker settings", FindingState.Good, "All as they should be.") }
                        : [],
                ],
                health
            );
        }
        var token = AboutTheToken.Contains(problem.Code);
        var sentence = asked is null ? problem.Message : Sentence(problem, asked);
        var reached = !NotReached.Contains(problem.Code);
        return new(
            [
                reached ? new("Reachable", FindingState.Good, "The cluster answers.") : new("Reachable", FindingState.Bad, sentence),
                new("Version", reached && !token ? FindingState.Bad : FindingState.Unknown, reached && !token ? sentence : "Not checked."),
                token ? new("Admin token", FindingState.Bad, sentence) : new("Admin token", FindingState.Unknown, "Not checked."),
                new("Broker settings", FindingState.Unknown, "Not checked."),
            ],
            null
        );
    }

    private static string Sentence(Problem problem, string asked) =>
        problem.Code switch
        {
            "cluster-unreachable" =>
                $"Nothing answers at {asked}. Check the address and the port, and that Portal's machine may connect to it.",
            "cluster-timeout" =>
                $"{asked} accepts the connection and doesn't answer in time. Check that it is the brokers' web port, and that the "
                    + "brokers are up.",
            "cluster-unauthorized" =>
                "The cluster doesn't accept this admin token. Check that it is a superuser's, is signed with the brokers' key, "
                    + "and hasn't expired.",
            _ => problem.Message,
        };
}

/// <summary>
/// Checks a cluster before it is registered or changed, or as it is registered. Credentials that are not given are those
/// that are stored, if any.
/// </summary>
public sealed class PreflightCluster(AccessGuard guard, IPortalDatabase database, ISecretSeal seal, IClusterHealth health)
{
    /// <param name="input">Null checks the cluster as it is registered.</param>
    public async Task<Outcome<ClusterPreflight>> RunAsync(
        Actor actor,
        string? name,
        ClusterInput? input,
        CancellationToken cancellationToken
    )
    {
        var operation = ClusterOperations.Of("preflight", name, input);
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var row = name is null
            ? null
            : await database.ReadAsync(session => session.Clusters.FindAsync(name, cancellationToken), cancellationToken);
        if (input is null)
        {
            if (!ClusterOperations.Present(row).TryGet(out var registered, out var missing))
                return missing;
            return ClusterPreflight.Of(await health.CheckAsync(registered.Name, cancellationToken));
        }
        var (registration, fault) = ClusterRules.Check(name, input);
        if (fault is not null)
            return fault.AsProblem();
        if (row is { State: not ClusterState.Removed })
        {
            if (row.IsFromSettings)
                return ClusterOperations.InSettings(row.Name);
            var stored = row.Open(seal);
            // The stored token goes to another address here as it does with a change, and so only for whoever may change the cluster now.
            if (
                registration!.AdminToken is null
                && stored.AdminToken is not null
                && registration.AdminUrls.Any(url => !stored.AdminUrls.Contains(url))
                && (await guard.CheckAsync(actor, ClusterOperations.Of("change", name, input), cancellationToken)).Problem is { } unproved
            )
                return unproved;
            registration = registration with
            {
                AdminToken = registration.AdminToken ?? stored.AdminToken,
                TokenPrivateKey = registration.TokenPrivateKey ?? stored.TokenPrivateKey,
            };
        }
        var preflight = ClusterPreflight.Of(
            await health.CheckAsync(registration!, cancellationToken),
            string.Join(", ", registration!.AdminUrls.Select(url => url.OriginalString))
        );
        if (preflight.Health is not { } found || await TwinAsync(found, registration, cancellationToken) is not { } twin)
            return preflight;
        return preflight with
        {
            Findings =
            [
                .. preflight.Findings,
                new(
                    "Registered already",
                    FindingState.Warning,
                    $"This is the same Pulsar as cluster {twin}. Register it once: "
                        + "under two names, differences and policies of one are taken for the other's."
                ),
            ],
        };
    }

    /// <summary>The name under which the same Pulsar is registered: by an address of its own, or by a broker that both list.</summary>
    private async Task<string?> TwinAsync(ClusterHealth found, ClusterRegistration candidate, CancellationToken cancellationToken)
    {
        var others = (await database.ReadAsync(session => session.Clusters.ListAsync(cancellationToken), cancellationToken))
            .Where(other => other.State != ClusterState.Removed && other.Name != candidate.Name && !other.ToCluster().IsStandIn)
            .ToList();
        foreach (var other in others)
            if (
                candidate.AdminUrls.Any(url =>
                    other
                        .AdminUrls.Split(',')
                        .Any(text => Uri.TryCreate(text.Trim(), UriKind.Absolute, out var there) && there.Authority == url.Authority)
                )
            )
                return other.Name;
        foreach (var other in others)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TwinPatience);
            try
            {
                if (
                    (await health.CheckAsync(other.Name, patience.Token)).TryGet(out var there, out _)
                    && there.PulsarName == found.PulsarName
                    && there.Brokers.Intersect(found.Brokers, StringComparer.Ordinal).Any()
                )
                    return other.Name;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // One that hangs says nothing; the check is about another one.
            }
        }
        return null;
    }

    private static readonly TimeSpan TwinPatience = TimeSpan.FromSeconds(3);
}
