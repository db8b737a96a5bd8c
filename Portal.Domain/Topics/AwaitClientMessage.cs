using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>
/// Waits for the next message that a client of the customer's sends to a topic. What the portal itself sends there is passed
/// over, told by its producer's name. It reads as <see cref="FollowMessages"/> does, with all who follow the topic.
/// </summary>
public sealed class AwaitClientMessage(
    AccessGuard guard,
    IPortalDatabase database,
    IMessageClient messages,
    IMessageOrigins origins,
    ISchemaAdmin schemas,
    SchemaCache cache,
    FollowMessages follow,
    TimeProvider clock
)
{
    /// <param name="after">The <see cref="ClientMessageWait.Place"/> of an earlier wait: what came since is found too. Null to begin
    /// now.</param>
    /// <returns>Whoever asked disposes it.</returns>
    public async Task<Outcome<ClientMessageWait>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        string? after,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.ReadMessages,
            "message.read",
            $"{tenant}/{@namespace}/{topic}",
            Within: new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindWithNamespaceAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var at, out problem))
            return problem;
        string? place = null;
        if (at.Topic.Persistent)
        {
            // Nothing is read for it: it is only where the topic ends. One message is asked for, so that a place that is none is refused
            // here.
            var begun = await messages.ReadAsync(
                at.Namespace,
                at.Topic,
                new ReadQuery(after ?? "latest"),
                after is null ? 1 : 0,
                cancellationToken
            );
            if (!begun.TryGet(out var end, out problem))
                return problem;
            place = after ?? end.Place;
        }
        if (
            !(await follow.RunAsync(actor, organization, tenant, @namespace, topic, null, cancellationToken)).TryGet(
                out var watch,
                out problem
            )
        )
            return problem;
        var mask = MessageMask.Of(at.Namespace, at.Topic.Name, access);
        return new ClientMessageWait(
            watch,
            place,
            from => messages.ReadAsync(at.Namespace, at.Topic, new ReadQuery(from), CaughtUp, cancellationToken),
            TellAsync,
            () => database.NoteFirstMessageAsync(access.Organization, clock),
            clock,
            after is not null
        );

        async Task<Message> TellAsync(Message message, CancellationToken stop)
        {
            var told = (await new OriginLook(origins, messages, at.Topic).AddAsync([message], stop))[0];
            if (IsOwn(told))
                return told;
            if (told.Decoded is null && !told.IsMasked)
                told = (await new MessageDecoder(schemas, cache, messages, at.Topic).DecodeAsync([told], stop))[0];
            return mask?.Apply(told) ?? told;
        }
    }

    /// <summary>Messages that are read at once of what came before the reader was there.</summary>
    private const int CaughtUp = 20;

    internal static bool IsOwn(Message message) =>
        message.Origin?.Producer.StartsWith(Cluster.OwnProducerPrefix, StringComparison.Ordinal) == true;
}

/// <summary>What there is while somebody waits for a message.</summary>
/// <param name="Message">The one that was waited for, with its sender where the cluster tells it; null while it has not come.</param>
/// <param name="PassedOver">Messages so far that the portal itself sent.</param>
/// <param name="Trouble">Why nothing comes at the moment; reading is tried again by itself.</param>
public sealed record ClientMessageNews(Message? Message, int PassedOver, Problem? Trouble);

/// <summary>One person's, or one script's, waiting for a message of a client.</summary>
public sealed class ClientMessageWait : IDisposable
{
    /// <summary>Longer nobody waits for a program that was just started.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    // Until the reader is there, and after it was away, this often it is asked whether it is.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly MessageWatch _watch;
    private readonly Func<string, Task<Outcome<MessagesRead>>> _read;
    private readonly Func<Message, CancellationToken, Task<Message>> _tell;
    private readonly Func<Task> _note;
    private readonly TimeProvider _clock;
    private bool _isBehind = true;
    private bool _mayHold;
    private int _passed;

    internal ClientMessageWait(
        MessageWatch watch,
        string? place,
        Func<string, Task<Outcome<MessagesRead>>> read,
        Func<Message, CancellationToken, Task<Message>> tell,
        Func<Task> note,
        TimeProvider clock,
        bool mayHold
    ) => (_watch, Place, _read, _tell, _note, _clock, _mayHold) = (watch, place, read, tell, note, clock, mayHold);

    /// <summary>Up to here everything was looked at. A later wait goes on from it. Null for a topic that keeps nothing.</summary>
    public string? Place { get; private set; }

    /// <summary>
    /// The message as soon as it is there; without one when the time is over. A problem ends it: the person may no longer, or the topic is
    /// gone.
    /// </summary>
    public async Task<Outcome<ClientMessageNews>> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var begun = _clock.GetTimestamp();
        for (Problem? trouble = null; ; )
        {
            if (Place is not null && (_mayHold || _isBehind && _watch.IsReading))
            {
                _isBehind = !_watch.IsReading;
                if (!(await CatchUpAsync(cancellationToken)).TryGet(out var missed, out var problem))
                    return problem;
                if (missed is not null)
                    return new ClientMessageNews(missed, _passed, null);
            }
            var left = patience - _clock.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                return new ClientMessageNews(null, _passed, trouble);
            if (!(await _watch.NextAsync(_isBehind && left > Step ? Step : left, cancellationToken)).TryGet(out var news, out var lost))
                return lost;
            _isBehind |= news.Skipped || news.Missed > 0;
            foreach (var message in news.Items)
                if (await FindAsync(message, cancellationToken) is { } found)
                    return new ClientMessageNews(found, _passed, null);
            if (ReferenceEquals(trouble, news.Trouble))
                continue;
            trouble = news.Trouble;
            if (trouble is not null)
                return new ClientMessageNews(null, _passed, trouble);
        }
    }

    public void Dispose() => _watch.Dispose();

    /// <summary>What came while the reader was not there.</summary>
    private async Task<Outcome<Message?>> CatchUpAsync(CancellationToken cancellationToken)
    {
        _mayHold = false;
        while (true)
        {
            if (!(await _read(Place!)).TryGet(out var page, out var problem))
                return problem;
            foreach (var message in page.Items)
            {
                if (await FindAsync(message, cancellationToken) is not { } found)
                    continue;
                // What stands behind it was not looked at; the next wait begins with it.
                return found;
            }
            Place = page.Place ?? Place;
            if (page.Next is null)
                return Outcome.Of<Message?>(null);
        }
    }

    /// <summary>Null for one of the portal's own.</summary>
    private async Task<Message?> FindAsync(Message message, CancellationToken cancellationToken)
    {
        var told = await _tell(message, cancellationToken);
        if (AwaitClientMessage.IsOwn(told))
        {
            _passed++;
            return null;
        }
        await _note();
        return told;
    }
}
