using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Work;

namespace Portal.Domain.Topics;

/// <summary>
/// Reads dead letters and sends each to its topic again, at most <see cref="Batch"/> a step. A step that dies between the two
/// is done again from its beginning: its messages may come twice then, as consumers of Pulsar have to expect.
/// </summary>
public sealed class SendBackSteps(IPortalDatabase database, IMessageClient messages) : IWorkStep<SendBackWork>
{
    private const int Batch = 20;
    private const string Unit = "messages";

    /// <summary>
    /// What Pulsar's clients write on a message that they retry or give up on. Kept, a consumer would take the message for one
    /// that was delivered too often, and its next dead letter would name the first one's origin.
    /// </summary>
    private static readonly HashSet<string> OfRetries = new(StringComparer.Ordinal)
    {
        "REAL_TOPIC",
        "REAL_SUBSCRIPTION",
        "RETRY_TOPIC",
        "ORIGIN_MESSAGE_ID",
        "ORIGIN_MESSAGE_IDY_TIME",
        "RECONSUMETIMES",
        "DELAY_TIME",
    };

    private static readonly Problem.Conflict Gone = new(
        "topic-gone",
        "The dead letter topic, or the topic that its messages come from, was deleted."
    );

    public async Task<StepResult> RunAsync(SendBackWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            async session =>
            {
                var (letters, target) = (
                    await session.Topics.FindAsync(payload.Letters, cancellationToken),
                    await session.Topics.FindAsync(payload.Target, cancellationToken)
                );
                if (letters is not { State: ResourceState.Ready } || target is not { State: ResourceState.Ready })
                    return null;
                var owner = await session.Organizations.FindAsync(letters.OrganizationId, cancellationToken);
                return new Found(
                    (await session.Tenants.FindNamespaceAsync(letters.NamespaceId, cancellationToken))!,
                    letters,
                    target,
                    owner!
                );
            },
            cancellationToken
        );
        if (found is null)
            return new StepResult.Refused(Gone);
        if (found.Owner.State != OrganizationState.Active)
            return new StepResult.Refused(new Problem.Conflict("organization-not-active", "The organization is suspended or closed."));
        if (found.Owner.Publishing == Publishing.Blocked)
            return new StepResult.Later(OrganizationProblems.PublishingBlocked(found.Owner), TimeSpan.FromMinutes(1));
        var point = SendBackPoint.Read(turn.Checkpoint);
        return payload.Messages is { } chosen
            ? await ChosenAsync(found, chosen, point, cancellationToken)
            : await AllAsync(found, payload, point, cancellationToken);
    }

    private async Task<StepResult> ChosenAsync(
        Found at,
        IReadOnlyList<MessagePlace> chosen,
        SendBackPoint point,
        CancellationToken cancellationToken
    )
    {
        var index = int.Parse(point.At ?? "0", CultureInfo.InvariantCulture);
        if (index >= chosen.Count)
            return Done(point);
        if (!(await FindAsync(at, chosen[index], cancellationToken)).TryGet(out var message, out var problem))
            return StepResult.Of(problem);
        var taken = message is null ? false : await SendAsync(at, message, cancellationToken);
        return taken.TryGet(out var isSent, out problem)
            ? GoOn(Counted(point with { At = (index + 1).ToString(CultureInfo.InvariantCulture) }, isSent))
            : StepResult.Of(problem);
    }

    private async Task<StepResult> AllAsync(Found at, SendBackWork payload, SendBackPoint begun, CancellationToken cancellationToken)
    {
        var query = new ReadQuery(begun.At) { After = payload.After, UpTo = payload.UpTo };
        if (!(await messages.ReadAsync(at.Namespace, at.Letters, query, Batch, cancellationToken)).TryGet(out var page, out var problem))
            return StepResult.Of(problem);
        var point = begun;
        foreach (var message in page.Items)
        {
            // Once the last one is gone, a reader goes on with what came later.
            if (IsBeyond(message, payload))
                continue;
            if (!(await SendAsync(at, message, cancellationToken)).TryGet(out var taken, out problem))
                return point == begun ? StepResult.Of(problem) : GoOn(point);
            // Of a topic without partitions every message is a place to go on from.
            point = Counted(point, taken) with
            {
                At = at.Letters.Partitions == 0 ? message.MessageId : begun.At,
            };
        }
        if (page.Next is { } next)
            return GoOn(point with { At = next });
        return page.End is ReadEnd.Topic ? Done(point) : GoOn(point);
    }

    /// <summary>False for one that can't be sent from here.</summary>
    private async Task<Outcome<bool>> SendAsync(Found at, Message message, CancellationToken cancellationToken)
    {
        // The WebSocket service can't write a message without a value.
        if (message.IsNull)
            return false;
        var properties = message.Properties.Where(property => !OfRetries.Contains(property.Key)).ToDictionary(StringComparer.Ordinal);
        var sent = await messages.SendAsync(
            at.Namespace,
            at.Target,
            new NewMessage(message.Payload, message.Key, properties) { EventTime = message.EventTime },
            cancellationToken
        );
        return sent.IsOk ? true
            : sent.Problem is Problem.Invalid { Code: "message-too-large" } ? false
            : sent.Problem;
    }

    private async Task<Outcome<Message?>> FindAsync(Found at, MessagePlace place, CancellationToken cancellationToken)
    {
        var count = Math.Max(at.Letters.Partitions, 1);
        var (after, upTo) = (new MessagePosition?[count], new MessagePosition?[count]);
        after[place.Partition ?? 0] = place.Position with { Entry = place.Position.Entry - 1, BatchIndex = -1 };
        upTo[place.Partition ?? 0] = place.Position;
        var read = await messages.ReadAsync(
            at.Namespace,
            at.Letters,
            new ReadQuery { After = after, UpTo = upTo },
            PageRequest.MaxLimit,
            cancellationToken
        );
        return read.Map(page =>
            page.Items.FirstOrDefault(one =>
                messages.Locate(one.MessageId).TryGet(out var here, out _) && IsSame(here.Position, place.Position)
            )
        );
    }

    // An id as Pulsar's tools write it has no index outside a batch.
    private static bool IsSame(MessagePosition one, MessagePosition other) =>
        (one.Ledger, one.Entry) == (other.Ledger, other.Entry) && Math.Max(one.BatchIndex, 0) == Math.Max(other.BatchIndex, 0);

    private bool IsBeyond(Message message, SendBackWork payload) =>
        messages.Locate(message.MessageId).TryGet(out var place, out _)
        && payload.UpTo.ElementAtOrDefault(place.Partition ?? 0) is { } last
        && (place.Position.Ledger, place.Position.Entry).CompareTo((last.Ledger, last.Entry)) > 0;

    private static SendBackPoint Counted(SendBackPoint point, bool taken) =>
        taken ? point with { Sent = point.Sent + 1 } : point with { Left = point.Left + 1 };

    private static StepResult.GoOn GoOn(SendBackPoint point) => new(point.Text, Progress: new(point.Sent, 0, Unit, null));

    private static StepResult.Done Done(SendBackPoint point) => new(Progress: new(point.Sent, point.Sent + point.Left, Unit, null));

    private sealed record Found(Namespace Namespace, Topic Letters, Topic Target, Organization Owner);
}
