using System.Text.Json;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>Written <c>active</c>, <c>drained</c>, <c>removed</c>.</summary>
public enum ClusterState
{
    Active,

    /// <summary>Takes no new tenants; those that are there go on.</summary>
    Drained,

    /// <summary>Without tenants and credentials; its name stays, because usage and audit records speak of it.</summary>
    Removed,
}

/// <summary>A cluster's row: registered by an operator, or written from the settings at every start. Secrets are sealed.</summary>
public sealed class RegisteredCluster
{
    private RegisteredCluster() { }

    internal RegisteredCluster(string name, string by, DateTimeOffset at) => (Name, CreatedBy, CreatedAt) = (name, by, at);

    /// <summary>Given once.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Separated by commas.</summary>
    public string AdminUrls { get; private set; } = "";

    public string? BrokerUrl { get; private set; }
    public string? WebSocketUrl { get; private set; }

    /// <summary>Where it runs, for people; null where nobody said.</summary>
    public string? Region { get; private set; }

    public string? SealedAdminToken { get; private set; }
    public string? SealedTokenPrivateKey { get; private set; }
    public bool IsStandIn { get; private set; }

    /// <summary>The settings name it, so they are where it is changed.</summary>
    public bool IsFromSettings { get; private set; }

    /// <summary>Its place in the settings.</summary>
    public int Position { get; private set; }

    /// <summary>
    /// Built-in connectors that customers may use, such as <c>sink:http-post</c>, separated by commas; null before an operator said so.
    /// </summary>
    public string? AllowedConnectors { get; private set; }

    /// <summary>What an operator decided of single connectors, by kind and name, in JSON.</summary>
    public string ConnectorTermsJson { get; private set; } = "{}";

    /// <summary>
    /// How functions that customers upload are separated there, as an operator said; none before, and nobody may upload any.
    /// </summary>
    public Isolation PackageIsolation { get; private set; }

    /// <summary>What their binaries have to be built for.</summary>
    public string PackagePlatform { get; private set; } = "amd64";

    /// <summary>What a look at the workers found when that was set, in words; null where nobody looked.</summary>
    public string? PackageFinding { get; private set; }

    /// <summary>
    /// Warnings of the check that an operator has seen to, or lives with: each as it was worded, in JSON. One that reads otherwise is a new
    /// one.
    /// </summary>
    public string AcceptedWarningsJson { get; private set; } = "[]";

    /// <summary>Goes up with each change of them, so that two operators don't overwrite each other's.</summary>
    public int AcceptedRevision { get; private set; }

    public IReadOnlyList<string> AcceptedWarnings => JsonSerializer.Deserialize<string[]>(AcceptedWarningsJson) ?? [];

    public ClusterState State { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset ChangedAt { get; private set; }
    public string ChangedBy { get; private set; } = "";

    public Cluster ToCluster() =>
        new(Name, BrokerUrl, WebSocketUrl is null ? null : new Uri(WebSocketUrl), IsStandIn, State == ClusterState.Active)
        {
            Region = Region,
        };

    internal void Accept(IEnumerable<string> warnings) =>
        (AcceptedWarningsJson, AcceptedRevision) = (JsonSerializer.Serialize(warnings), AcceptedRevision + 1);

    /// <summary>Why no tenant can be created on it; null when one can.</summary>
    public Problem? RefuseTenants() =>
        State switch
        {
            ClusterState.Active => null,
            ClusterState.Drained => new Problem.Conflict(
                "cluster-drained",
                $"Cluster '{Name}' doesn't accept new tenants at the moment. Choose another cluster.",
                "cluster"
            ),
            _ => new Problem.Invalid("cluster-unknown", $"There is no cluster '{Name}' anymore. Choose another cluster.", "cluster"),
        };

    /// <summary>With the credentials in the clear; marked as unreadable when they cannot be decrypted.</summary>
    internal ClusterRegistration Open(ISecretSeal seal)
    {
        var token = SealedAdminToken is null ? null : seal.Open(SealedCredentials.AdminTokenOf(Name), SealedAdminToken);
        var key = SealedTokenPrivateKey is null ? null : seal.Open(SealedCredentials.PrivateKeyOf(Name), SealedTokenPrivateKey);
        return new(
            Name,
            ClusterRules.Addresses(AdminUrls),
            BrokerUrl,
            WebSocketUrl is null ? null : new Uri(WebSocketUrl),
            token,
            key is null ? (ReadOnlyMemory<byte>?)null : Convert.FromBase64String(key),
            IsStandIn
        )
        {
            Region = Region,
            IsUnreadable = token is null != SealedAdminToken is null || key is null != SealedTokenPrivateKey is null,
        };
    }

    /// <summary>Sets the addresses, and the credentials that are given; those that are null stay.</summary>
    internal void Set(ClusterRegistration to, SealedCredentials credentials, string by, DateTimeOffset at)
    {
        (AdminUrls, BrokerUrl, WebSocketUrl, IsStandIn, Region) = (
            string.Join(',', to.AdminUrls.Select(url => url.OriginalString)),
            to.BrokerUrl,
            to.WebSocketUrl?.OriginalString,
            to.IsStandIn,
            to.Region
        );
        (SealedAdminToken, SealedTokenPrivateKey) = (
            credentials.AdminToken ?? SealedAdminToken,
            credentials.TokenPrivateKey ?? SealedTokenPrivateKey
        );
        if (State == ClusterState.Removed)
            State = ClusterState.Active;
        Changed(by, at);
    }

    /// <summary>The settings name it; they say everything about it but whether it takes tenants.</summary>
    internal void Seed(ClusterRegistration to, int position, SealedCredentials credentials, string by, DateTimeOffset at)
    {
        // A stand-in was drained when it went; it is back.
        if (!IsFromSettings && IsStandIn && to.IsStandIn)
            State = ClusterState.Active;
        (SealedAdminToken, SealedTokenPrivateKey, IsFromSettings, Position) = (null, null, true, position);
        Set(to, credentials, by, at);
    }

    /// <summary>The settings no longer name it, and it is still used. A stand-in no longer runs then.</summary>
    internal void Release(string by, DateTimeOffset at)
    {
        IsFromSettings = false;
        if (IsStandIn)
            State = ClusterState.Drained;
        Changed(by, at);
    }

    internal void Allow(IEnumerable<string> connectors, string by, DateTimeOffset at)
    {
        AllowedConnectors = string.Join(',', connectors);
        Changed(by, at);
    }

    internal void SetConnectorTerms(string json, string by, DateTimeOffset at)
    {
        ConnectorTermsJson = json;
        Changed(by, at);
    }

    internal void AllowPackages(Isolation isolation, string platform, string? found, string by, DateTimeOffset at)
    {
        (PackageIsolation, PackagePlatform, PackageFinding) = (isolation, platform, found);
        Changed(by, at);
    }

    internal void Drain(bool drained, string by, DateTimeOffset at)
    {
        State = drained ? ClusterState.Drained : ClusterState.Active;
        Changed(by, at);
    }

    internal void Remove(string by, DateTimeOffset at)
    {
        (State, SealedAdminToken, SealedTokenPrivateKey, IsFromSettings) = (ClusterState.Removed, null, null, false);
        Changed(by, at);
    }

    private void Changed(string by, DateTimeOffset at) => (ChangedBy, ChangedAt) = (by, at);
}

/// <summary>Credentials as they are stored. Sealed before a transaction begins: the key ring may have to write a new key first.</summary>
internal sealed record SealedCredentials(string? AdminToken, string? TokenPrivateKey)
{
    public static SealedCredentials Of(ClusterRegistration cluster, ISecretSeal seal) =>
        new(
            cluster.AdminToken is { } token ? seal.Seal(AdminTokenOf(cluster.Name), token) : null,
            cluster.TokenPrivateKey is { } key ? seal.Seal(PrivateKeyOf(cluster.Name), Convert.ToBase64String(key.Span)) : null
        );

    // What is sealed for one cluster opens for no other.
    public static string AdminTokenOf(string cluster) => $"cluster:{cluster}:admin-token";

    public static string PrivateKeyOf(string cluster) => $"cluster:{cluster}:private-key";
}

public interface IClusterStore
{
    /// <summary>All that are not removed: those of the settings in their order, then by age.</summary>
    Task<IReadOnlyList<RegisteredCluster>> ListAsync(CancellationToken cancellationToken);

    /// <summary>In any state.</summary>
    Task<RegisteredCluster?> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>The same, and until the transaction ends nobody drains, changes or removes it.</summary>
    Task<RegisteredCluster?> FindToUseAsync(string name, CancellationToken cancellationToken);

    /// <summary>The same, and until the transaction ends nobody creates a tenant on it either.</summary>
    Task<RegisteredCluster?> FindToChangeAsync(string name, CancellationToken cancellationToken);

    /// <summary>Tenants on it that are not deleted.</summary>
    Task<int> CountTenantsAsync(string name, CancellationToken cancellationToken);

    void Add(RegisteredCluster cluster);
}

/// <summary>This feature's part of a session.</summary>
public static class ClustersSession
{
    extension(IPortalSession session)
    {
        public IClusterStore Clusters => session.Store<IClusterStore>();
        public IIncidentStore Incidents => session.Store<IIncidentStore>();
    }
}
