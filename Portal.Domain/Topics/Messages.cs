using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Topics;

/// <summary>Sends one message as the portal's own role. It counts on the write meter like any other.</summary>
public sealed class SendMessage(AccessGuard guard, IPortalDatabase database, IMessageClient messages, TimeProvider clock)
{
    /// <summary>Bytes. A WebSocket frame of Pulsar holds 1 MiB of JSON, and base64 makes four bytes of three.</summary>
    public const int LargestPayload = 512 * 1024;

    public async Task<Outcome<string>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        NewMessage message,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(
            Permission.SendMessages,
            "message.send",
            $"{tenant}/{@namespace}/{topic}",
            new Dictionary<string, string> { ["bytes"] = $"{message.Payload.Length}" },
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (message.Payload.Length > LargestPayload)
            return new Problem.Invalid(
                "payload-too-large",
                $"Messages sent here can be at most {ByteSize.Text(LargestPayload)}. Use a client for larger ones.",
                "payload"
            );
        if (message.Key is { } key && Encoding.UTF8.GetByteCount(key) > 1024)
            return new Problem.Invalid("key-too-large", "A message key can be at most 1 KiB.", "key");
        if (
            message.Properties.Count > 50
            || message.Properties.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value)) > 64 * 1024
        )
            return new Problem.Invalid(
                "properties-too-large",
                "Messages sent here can have at most 50 properties, 64 KiB in total.",
                "properties"
            );
        if (access.Organization.Publishing == Publishing.Blocked)
            return OrganizationProblems.PublishingBlocked(access.Organization);
        var found = await database.ReadAsync(
            session => session.FindWithNamespaceAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var place, out problem))
            return problem;
        var recorded = await database.WriteAsync(
            actor,
            access.Organization.Id,
            operation,
            _ => Task.FromResult(Outcome.Done),
            cancellationToken
        );
        if (!recorded.IsOk)
            return recorded.Problem;
        var sent = await messages.SendAsync(place.Namespace, place.Topic, message, cancellationToken);
        if (sent.IsOk)
            await database.NoteFirstMessageAsync(access.Organization, clock);
        return sent;
    }
}

/// <summary>
/// Reads messages without moving a customer's subscription. What is read here counts on the read meter, as at any other
/// reader; so does every look again.
/// </summary>
public sealed class ReadMessages(
    AccessGuard guard,
    IPortalDatabase database,
    IMessageClient messages,
    ISchemaAdmin schemas,
    SchemaCache cache,
    IMessageOrigins origins
)
{
    /// <param name="limit">Of messages that match; 1 to 1,000, 100 unless given.</param>
    public async Task<Outcome<MessagesRead>> RunAsync(
        Actor actor,
        string organization,
        string tenant,
        string @namespace,
        string topic,
        ReadQuery query,
        int? limit,
        CancellationToken cancellationToken
    )
    {
        var from =
            query.From is { Length: > 0 and <= 100 } place ? place
            : query.Since is { } since ? $"{since.UtcDateTime:O}"
            : "earliest";
        var operation = new Operation(
            Permission.ReadMessages,
            "message.read",
            $"{tenant}/{@namespace}/{topic}",
            new Dictionary<string, string> { ["from"] = from },
            new(tenant, @namespace)
        );
        var entered = await guard.EnterAsync(actor, organization, operation, cancellationToken);
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        if (!PageRequest.Create(limit, query.From).TryGet(out var page, out problem))
            return problem;
        var found = await database.ReadAsync(
            session => session.FindWithNamespaceAsync(access.Organization.Id, tenant, @namespace, topic, cancellationToken),
            cancellationToken
        );
        if (!found.TryGet(out var at, out problem))
            return problem;
        var recorded = await database.WriteAsync(
            actor,
            access.Organization.Id,
            operation,
            _ => Task.FromResult(Outcome.Done),
            cancellationToken
        );
        if (!recorded.IsOk)
            return recorded.Problem;
        var mask = MessageMask.Of(at.Namespace, at.Topic.Name, access);
        var read = await messages.ReadAsync(
            at.Namespace,
            at.Topic,
            query with
            {
                From = page.After,
                Filter = query.Filter?.Through(mask),
            },
            page.Limit,
            cancellationToken
        );
        if (!read.TryGet(out var given, out _))
            return read;
        if (query.Decode)
            given = given with
            {
                Items = await new MessageDecoder(schemas, cache, messages, at.Topic).DecodeAsync(given.Items, cancellationToken),
            };
        if (query.Origins)
            given = given with { Items = await new OriginLook(origins, messages, at.Topic).AddAsync(given.Items, cancellationToken) };
        return mask is null ? given : given with { Items = [.. given.Items.Select(mask.Apply)] };
    }
}

internal static class TopicPlace
{
    internal static async Task<Outcome<(Namespace Namespace, Topic Topic)>> FindWithNamespaceAsync(
        this IPortalSession session,
        OrganizationId organization,
        string tenant,
        string @namespace,
        string topic,
        CancellationToken cancellationToken
    )
    {
        var found = await session.FindTopicAsync(organization, tenant, @namespace, topic, cancellationToken);
        if (!found.TryGet(out var one, out var problem))
            return problem;
        if (one.State != ResourceState.Ready)
            return TopicLookup.NotReady;
        return ((await session.Tenants.FindNamespaceAsync(one.NamespaceId, cancellationToken))!, one);
    }
}
