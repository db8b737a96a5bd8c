using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalPulsar.Functions;
using LocalPulsar.Storage;
using LocalPulsar.Topics;

namespace LocalPulsar.Metadata;

/// <summary>A tenant: the roles that administer it and the clusters it may use.</summary>
internal sealed record TenantInfo(IReadOnlyList<string> AdminRoles, IReadOnlyList<string> AllowedClusters);

/// <summary>A partitioned topic: how many partitions, and its properties (null: none were ever given).</summary>
internal sealed record PartitionedTopic(int Partitions, IReadOnlyDictionary<string, string>? Properties);

/// <summary>A persistent topic (or partition) as it survives restarts. Created is Unix milliseconds.</summary>
internal sealed record TopicRecord(long Created, IReadOnlyDictionary<string, string> Properties, bool Terminated = false);

/// <summary>One version of a topic's schema; a deletion is a version too.</summary>
internal sealed record SchemaVersion(
    long Version,
    string Type,
    long Timestamp,
    string Data,
    IReadOnlyDictionary<string, string> Properties,
    bool Deleted = false
);

/// <summary>
/// Tenants, namespaces, topics and schemas: what a cluster keeps in its metadata store. All of it is in memory; every
/// change is one document in the journal, and the returned task ends when it is on disk.
/// </summary>
internal sealed class ClusterState
{
    private readonly Lock _gate = new();
    private readonly Journal _journal;
    private readonly ConcurrentDictionary<string, TenantInfo> _tenants = new();
    private readonly ConcurrentDictionary<string, NamespacePolicies> _namespaces = new();
    private readonly ConcurrentDictionary<string, PartitionedTopic> _partitioned = new();
    private readonly ConcurrentDictionary<string, TopicRecord> _topics = new();
    private readonly ConcurrentDictionary<string, IReadOnlyList<SchemaVersion>> _schemas = new();
    private readonly ConcurrentDictionary<string, ConnectorRecord> _connectors = new();
    private readonly ConcurrentDictionary<string, PackageRecord> _packages = new();

    public ClusterState(Journal journal, Archive archive)
    {
        _journal = journal;
        foreach (var (key, value) in archive.Documents())
        {
            var name = key[(key.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            switch (key[..^(name.Length + 1)])
            {
                case "tenant":
                    _tenants[name] = Read<TenantInfo>(value);
                    break;
                case "namespace":
                    _namespaces[name] = new NamespacePolicies(value);
                    break;
                case "partitioned":
                    _partitioned[name] = Read<PartitionedTopic>(value);
                    break;
                case "topic":
                    _topics[name] = Read<TopicRecord>(value);
                    break;
                case "package":
                    _packages[name] = Read<PackageRecord>(value);
                    break;
                case "connector":
                    _connectors[name] = Read<ConnectorRecord>(value);
                    break;
                case "schema":
                    _schemas[name] = Read<List<SchemaVersion>>(value);
                    break;
            }
        }
    }

    public IReadOnlyDictionary<string, TenantInfo> Tenants => _tenants;
    public IReadOnlyDictionary<string, NamespacePolicies> Namespaces => _namespaces;

    /// <summary>By full name of the base topic.</summary>
    public IReadOnlyDictionary<string, PartitionedTopic> Partitioned => _partitioned;

    /// <summary>The persistent topics, partitions one by one, by full name.</summary>
    public IReadOnlyDictionary<string, TopicRecord> Topics => _topics;

    /// <summary>By tenant/namespace/topic, oldest version first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<SchemaVersion>> Schemas => _schemas;

    /// <summary>Sources and sinks by tenant/namespace/name.</summary>
    public IReadOnlyDictionary<string, ConnectorRecord> Connectors => _connectors;

    /// <summary>Versions of packages by tenant/namespace/name/version, deleted ones too.</summary>
    public IReadOnlyDictionary<string, PackageRecord> Packages => _packages;

    public Task PutPackageAsync(string name, PackageRecord package) => PutAsync(_packages, "package", name, package, Write(package));

    public Task PutConnectorAsync(string name, ConnectorRecord connector) =>
        PutAsync(_connectors, "connector", name, connector, Write(connector));

    public Task DeleteConnectorAsync(string name) => DeleteAsync(_connectors, "connector", name);

    public Task PutTenantAsync(string name, TenantInfo tenant) => PutAsync(_tenants, "tenant", name, tenant, Write(tenant));

    public Task DeleteTenantAsync(string name) => DeleteAsync(_tenants, "tenant", name);

    public Task PutNamespaceAsync(string name, JsonObject policies) =>
        PutAsync(_namespaces, "namespace", name, new NamespacePolicies(policies.ToJsonString()), policies.ToJsonString());

    public Task DeleteNamespaceAsync(string name) => DeleteAsync(_namespaces, "namespace", name);

    public Task PutPartitionedAsync(TopicName name, PartitionedTopic topic) =>
        PutAsync(_partitioned, "partitioned", name.Full, topic, Write(topic));

    public Task DeletePartitionedAsync(TopicName name) => DeleteAsync(_partitioned, "partitioned", name.Full);

    public Task PutTopicAsync(TopicName name, TopicRecord topic) => PutAsync(_topics, "topic", name.Full, topic, Write(topic));

    public Task PutSchemaAsync(string name, IReadOnlyList<SchemaVersion> versions) =>
        PutAsync(_schemas, "schema", name, versions, Write(versions));

    public Task DeleteSchemaAsync(string name) => DeleteAsync(_schemas, "schema", name);

    /// <summary>Removes a topic with its entries and cursors.</summary>
    public Task DeleteTopicAsync(TopicName name)
    {
        lock (_gate)
        {
            _topics.TryRemove(name.Full, out _);
            return _journal.SaveAsync(tables =>
            {
                tables.DeleteDocument($"topic {name.Full}");
                tables.DeleteTopic(name.Full);
            });
        }
    }

    /// <summary>Changes the policies of a namespace; false when there is none of that name.</summary>
    public async Task<bool> ChangePoliciesAsync(string name, Action<JsonObject> change)
    {
        Task saved;
        lock (_gate)
        {
            if (!_namespaces.TryGetValue(name, out var policies))
                return false;
            var document = policies.Document();
            change(document);
            saved = PutNamespaceAsync(name, document);
        }
        await saved;
        return true;
    }

    /// <summary>The grants on a topic go with it, and creating it again does not bring them back.</summary>
    public Task DeleteGrantsAsync(TopicName name) =>
        _namespaces.TryGetValue(name.Namespace, out var policies) && policies.TopicGrants.ContainsKey(name.Full)
            ? ChangePoliciesAsync(name.Namespace, document => document["auth_policies"]!["destination_auth"]!.AsObject().Remove(name.Full))
            : Task.CompletedTask;

    /// <summary>The persistent topics of a namespace, in the order of their encoded names: those are what a broker's store sorts.</summary>
    public IEnumerable<string> TopicsOf(string ns) =>
        _topics
            .Keys.Where(full => full.StartsWith($"persistent://{ns}/", StringComparison.Ordinal))
            .OrderBy(Encoded, StringComparer.Ordinal);

    public IEnumerable<string> NamespacesOf(string tenant) =>
        _namespaces.Keys.Where(ns => ns.StartsWith($"{tenant}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static string Encoded(string name) =>
        string.Concat(
            Encoding
                .UTF8.GetBytes(name)
                .Select(b =>
                    char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'*' ? $"{(char)b}"
                    : b == ' ' ? "+"
                    : $"%{b:X2}"
                )
        );

    private Task PutAsync<T>(ConcurrentDictionary<string, T> all, string kind, string name, T value, string json)
    {
        lock (_gate)
        {
            all[name] = value;
            return _journal.SaveAsync(tables => tables.PutDocument($"{kind} {name}", json));
        }
    }

    private Task DeleteAsync<T>(ConcurrentDictionary<string, T> all, string kind, string name)
    {
        lock (_gate)
        {
            all.TryRemove(name, out _);
            return _journal.SaveAsync(tables => tables.DeleteDocument($"{kind} {name}"));
        }
    }

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json)!;

    private static string Write<T>(T value) => JsonSerializer.Serialize(value);
}

/// <summary>What is known of a version of a package.</summary>
internal sealed record PackageRecord(string Description, long CreatedMs, bool Deleted);
