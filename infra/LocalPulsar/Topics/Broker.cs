using System.Collections.Concurrent;
using LocalPulsar.Metadata;
using LocalPulsar.Storage;

namespace LocalPulsar.Topics;

/// <summary>
/// The topics this server has loaded. Loading one acquires its bundle, and with it every stored topic of the bundle;
/// unloading ends a topic's life with its counters. One change at a time.
/// </summary>
internal sealed class Broker(ClusterState state, Journal journal, Archive archive, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<string, Topic> _loaded = new();
    private readonly HashSet<string> _bundles = [];
    private readonly SemaphoreSlim _turn = new(1);
    private long _lastLedger = archive.LastLedger();
    private long _lastProducer = -1;

    public IEnumerable<Topic> Loaded => _loaded.Values;
    public ClusterState State => state;
    public TimeProvider Clock => clock;

    /// <summary>When the broker began, for names that must differ between its lives.</summary>
    public int Starts { get; private set; }

    public string NextProducerName() => $"{NamespacePolicies.Cluster}-{Starts}-{Interlocked.Increment(ref _lastProducer)}";

    public Topic? FindLoaded(TopicName name) => _loaded.GetValueOrDefault(name.Full);

    public bool Exists(TopicName name) => name.Persistent ? state.Topics.ContainsKey(name.Full) : _loaded.ContainsKey(name.Full);

    /// <summary>A topic that exists, loaded now if it was not; null when there is none of that name.</summary>
    public async Task<Topic?> FindAsync(TopicName name, CancellationToken cancellationToken)
    {
        if (_loaded.TryGetValue(name.Full, out var loaded))
            return loaded;
        if (Exists(name))
            return await InTurnAsync(() => LoadBundleAsync(name), cancellationToken);
        // A partition that is not persistent is there as soon as somebody asks for it.
        return
            !name.Persistent
            && state.Partitioned.TryGetValue(name.Base.Full, out var whole)
            && name.IsPartition
            && name.PartitionIndex < whole.Partitions
            ? await GetOrCreateAsync(name, null, cancellationToken)
            : null;
    }

    /// <summary>The topic, made if it is missing. The limit on topics is the caller's to check.</summary>
    public async Task<Topic> GetOrCreateAsync(
        TopicName name,
        IReadOnlyDictionary<string, string>? properties,
        CancellationToken cancellationToken
    )
    {
        if (_loaded.TryGetValue(name.Full, out var loaded))
            return loaded;
        return (
            await InTurnAsync(
                async () =>
                {
                    if (name.Persistent && !state.Topics.ContainsKey(name.Full))
                        await state.PutTopicAsync(
                            name,
                            new TopicRecord(clock.GetUtcNow().ToUnixTimeMilliseconds(), properties ?? new Dictionary<string, string>())
                        );
                    return await LoadBundleAsync(name) ?? _loaded.GetOrAdd(name.Full, _ => Open(name));
                },
                cancellationToken
            )
        )!;
    }

    /// <summary>Removes a topic with all that it holds, and the grants on it.</summary>
    public Task DeleteAsync(TopicName name, CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                if (name.Persistent)
                    await state.DeleteTopicAsync(name);
                if (_loaded.TryRemove(name.Full, out var topic))
                    topic.Close();
                if (name.Persistent) // what was on its way when the topic was closed
                    await state.DeleteTopicAsync(name);
                return true;
            },
            cancellationToken
        );

    public Task UnloadAsync(TopicName name, CancellationToken cancellationToken) =>
        InTurnAsync(
            () =>
            {
                if (_loaded.TryRemove(name.Full, out var topic))
                    topic.Close();
                return Task.FromResult(true);
            },
            cancellationToken
        );

    public Task UnloadNamespaceAsync(string ns, CancellationToken cancellationToken) =>
        InTurnAsync(
            () =>
            {
                Unload(topic => topic.Name.Namespace == ns);
                _bundles.RemoveWhere(bundle => bundle.StartsWith($"{ns}/", StringComparison.Ordinal));
                return Task.FromResult(true);
            },
            cancellationToken
        );

    /// <summary>What a restart of the process does to topics: every counter begins again, storage stays.</summary>
    public Task RestartAsync(CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                Unload(_ => true);
                _bundles.Clear();
                Starts++;
                _lastProducer = -1;
                await LoadAllAsync();
                return true;
            },
            cancellationToken
        );

    public Task StartAsync(CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await LoadAllAsync();
                return true;
            },
            cancellationToken
        );

    /// <summary>Unloads everything; the journal then holds all of it.</summary>
    public void Close() => Unload(_ => true);

    public void Dispose() => _turn.Dispose();

    private void Unload(Func<Topic, bool> which)
    {
        foreach (var topic in _loaded.Values.Where(which).ToList())
        {
            _loaded.TryRemove(topic.Name.Full, out _);
            topic.Close();
        }
    }

    private async Task LoadAllAsync()
    {
        await journal.SaveAsync(_ => { });
        foreach (var full in state.Topics.Keys.ToList())
            Load(TopicName.Parse(full));
    }

    private async Task<Topic?> LoadBundleAsync(TopicName name)
    {
        if (!name.Persistent)
            return _loaded.GetValueOrDefault(name.Full);
        if (!state.Topics.ContainsKey(name.Full))
            return null;
        await journal.SaveAsync(_ => { }); // what an earlier life still had to write
        if (_bundles.Add(BundleOf(name)))
        {
            foreach (var full in state.TopicsOf(name.Namespace).ToList())
            {
                if (TopicName.Parse(full) is var other && BundleOf(other) == BundleOf(name))
                    Load(other);
            }
        }
        return Load(name);
    }

    private Topic Load(TopicName name)
    {
        _bundles.Add(BundleOf(name));
        return _loaded.GetOrAdd(name.Full, _ => Open(name));
    }

    private Topic Open(TopicName name) =>
        new(
            name,
            journal,
            archive,
            clock,
            () => Interlocked.Increment(ref _lastLedger),
            () => state.Namespaces.GetValueOrDefault(name.Namespace),
            state.Topics.TryGetValue(name.Full, out var record) && record.Terminated
        );

    private string BundleOf(TopicName name) =>
        $"{name.Namespace}/{(state.Namespaces.TryGetValue(name.Namespace, out var policies) ? NamespaceBundles.Of(name.Full, policies.Bundles) : "")}";

    private async Task<T> InTurnAsync<T>(Func<Task<T>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await action();
        }
        finally
        {
            _turn.Release();
        }
    }
}
