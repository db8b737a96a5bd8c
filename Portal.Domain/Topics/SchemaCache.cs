using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Definitions by which values were written, read once. A version never changes, but an operator may remove a topic's schema
/// for good on the cluster, and its numbers begin again: none is kept for long.
/// </summary>
public sealed class SchemaCache(TimeProvider clock)
{
    /// <summary>Bytes of definitions that are held at most; read, they take some times that.</summary>
    public const long Room = 4 * 1024 * 1024;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly LinkedList<Kept> _order = [];
    private readonly Dictionary<(TopicId, long), LinkedListNode<Kept>> _kept = [];
    private long _held;

    private sealed record Kept((TopicId, long) Key, string Type, Outcome<AvroType> Definition, int Bytes, long At);

    /// <summary>NotFound <c>schema-version-not-found</c> where there is no such version, Invalid where its definition is none.</summary>
    internal async Task<(string Type, Outcome<AvroType> Definition)> FindAsync(
        ISchemaAdmin schemas,
        Topic topic,
        long version,
        CancellationToken cancellationToken
    )
    {
        if (Known((topic.Id, version)) is { } known)
            return (known.Type, known.Definition);
        var asked = await schemas.GetAsync(topic.OnCluster, version, cancellationToken);
        if (!asked.TryGet(out var found, out var problem))
            return ("AVRO", problem);
        if (found is null)
            return ("AVRO", SchemaActs.NoVersion(version));
        var kept = new Kept(
            (topic.Id, version),
            found.Type,
            AvroDefinition.Parse(found.Definition),
            found.Definition.Length,
            clock.GetTimestamp()
        );
        Keep(kept);
        return (kept.Type, kept.Definition);
    }

    private Kept? Known((TopicId, long) key)
    {
        lock (_gate)
        {
            if (!_kept.TryGetValue(key, out var node))
                return null;
            _order.Remove(node);
            if (clock.GetElapsedTime(node.Value.At) > Life)
            {
                _kept.Remove(key);
                _held -= node.Value.Bytes;
                return null;
            }
            _order.AddFirst(node);
            return node.Value;
        }
    }

    private void Keep(Kept kept)
    {
        if (kept.Bytes > Room / 4)
            return;
        lock (_gate)
        {
            if (_kept.ContainsKey(kept.Key))
                return;
            _kept[kept.Key] = _order.AddFirst(kept);
            _held += kept.Bytes;
            while (_held > Room && _order.Last is { } last)
            {
                _order.RemoveLast();
                _kept.Remove(last.Value.Key);
                _held -= last.Value.Bytes;
            }
        }
    }
}
