using System.Collections.Concurrent;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Tests.Support;

/// <summary>
/// Stands in front of the product's steps and lets every row of everybody but <see cref="Spared"/> suffer in turn: it
/// throws, is told that an outside system is away, hangs, is killed between the deed and its note. Rows of
/// <see cref="Held"/> go on suffering until they are let go.
/// </summary>
public sealed class Trouble(Func<IPortalDatabase> database)
{
    public static readonly IReadOnlyList<string> Ways = ["throws", "away", "hangs", "killed"];

    private readonly ConcurrentDictionary<WorkId, (int Times, bool Killed)> _rows = new();

    private IPortalDatabase Database => database();

    public OrganizationId? Spared { get; set; }

    public OrganizationId? Held { get; set; }

    /// <summary>What has suffered how.</summary>
    public ConcurrentDictionary<(string Kind, string Way), int> Suffered { get; } = new();

    /// <summary>Kinds of which a row has come through in the end.</summary>
    public ConcurrentDictionary<string, int> Through { get; } = new();

    /// <summary>What rows did not say, or what could not be skipped.</summary>
    public ConcurrentQueue<string> Wrong { get; } = new();

    public WorkHandlers Before(WorkHandlers product) => new(product.Kinds.Select(kind => new Handler(this, product.Find(kind)!)));

    private string? Next(WorkTurn turn)
    {
        if (turn.Owner is { } owner && owner == Spared)
            return null;
        var held = turn.Owner is { } one && one == Held;
        var (times, killed) = _rows.GetValueOrDefault(turn.Id);
        _rows[turn.Id] = (times + 1, killed || times >= 3 && !held);
        return times < 3 || held ? Ways[times % 3]
            : killed ? null
            : Ways[3];
    }

    private sealed class Handler(Trouble trouble, WorkHandler inner) : WorkHandler(inner.Kind)
    {
        private readonly ConcurrentDictionary<WorkId, string> _last = new();

        public override async Task<StepResult> RunAsync(string payload, WorkTurn turn, CancellationToken cancellationToken)
        {
            if (_last.TryRemove(turn.Id, out var last))
                await CheckRowAsync(turn, last, cancellationToken);
            var way = trouble.Next(turn);
            if (way is null)
            {
                var result = await inner.RunAsync(payload, turn, cancellationToken);
                if (result is StepResult.Done or StepResult.GoOn)
                    trouble.Through.AddOrUpdate(Kind, 1, (_, times) => times + 1);
                return result;
            }
            _last[turn.Id] = way;
            if (trouble.Suffered.AddOrUpdate((Kind, way), 1, (_, times) => times + 1) == 1)
                await TrySkippingAsync(payload, cancellationToken);
            switch (way)
            {
                case "away":
                    return new StepResult.Later(new Problem.Unavailable("trouble-away", "The trouble of the test."));
                case "hangs":
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    break;
                case "killed":
                    await inner.RunAsync(payload, turn, cancellationToken);
                    break;
            }
            throw new InvalidOperationException($"{Kind} {way}.");
        }

        public override Task PostponedAsync(IPortalSession session, string payload, Problem problem, CancellationToken cancellationToken) =>
            inner.PostponedAsync(session, payload, problem, cancellationToken);

        public override Task RefusedAsync(IPortalSession session, string payload, Problem problem, CancellationToken cancellationToken) =>
            inner.RefusedAsync(session, payload, problem, cancellationToken);

        private async Task CheckRowAsync(WorkTurn turn, string last, CancellationToken cancellationToken)
        {
            var row = (await trouble.Database.ReadAsync(session => session.Work.FindAsync(turn.Id, cancellationToken), cancellationToken))!;
            // On a busy machine the deed before the death may take longer than a step here may.
            if (last == "killed" && row.ProblemCode == "step-too-long")
                return;
            var expected = last switch
            {
                "away" => "trouble-away",
                "hangs" => "step-too-long",
                _ => "unexpected-error",
            };
            if (row.ProblemCode != expected || row.ProblemMessage is null)
                trouble.Wrong.Enqueue($"{Kind} {last}: the row says {row.ProblemCode} {row.ProblemMessage}");
            if (last is "throws" or "killed" && (row.Cause is null || row.TraceId is null))
                trouble.Wrong.Enqueue($"{Kind} {last}: the row has no cause or no trace");
        }

        /// <summary>What skipping would do, taken back.</summary>
        private async Task TrySkippingAsync(string payload, CancellationToken cancellationToken)
        {
            try
            {
                await trouble.Database.UpdateAsync<bool>(
                    null,
                    null,
                    async session =>
                    {
                        await inner.RefusedAsync(
                            session,
                            payload,
                            new Problem.Conflict("skipped", "An operator skipped this."),
                            cancellationToken
                        );
                        throw new TakenBackException();
                    },
                    cancellationToken
                );
            }
            catch (TakenBackException)
            {
                // As wanted.
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                trouble.Wrong.Enqueue($"{Kind} cannot be skipped: {exception.Message}");
            }
        }

        private sealed class TakenBackException : Exception;
    }
}
