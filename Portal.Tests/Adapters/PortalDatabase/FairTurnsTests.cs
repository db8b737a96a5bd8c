using Portal.Adapters.PortalDatabase.Accounts;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>Who is next, when many networks ask for a password to be looked at.</summary>
public sealed class FairTurnsTests
{
    private readonly FairTurns _turns = new(1, 3);
    private readonly List<string> _served = [];

    [Fact]
    public async Task Crowds_go_round_and_who_comes_first_is_before_all_of_them()
    {
        var running = await _turns.TakeAsync("running", false, default);
        var waiting = new[] { ("a", false), ("a", false), ("a", false), ("b", false), ("c", false), ("c", false), ("open", true) }
            .Select(one => ServeAsync(one.Item1, one.Item2))
            .ToList();
        Assert.Equal(
            (true, false, false, false),
            (_turns.IsBusy("a", false), _turns.IsBusy("b", false), _turns.IsBusy("a", true), _turns.IsBusy("new", false))
        );
        running.Dispose();
        await Task.WhenAll(waiting);
        Assert.Equal(["open", "a", "b", "c", "a", "c", "a"], _served);
        Assert.False(_turns.IsBusy("a", false));
    }

    [Fact]
    public async Task Who_gives_up_waiting_costs_nobody_a_turn()
    {
        using var gone = new CancellationTokenSource();
        var running = await _turns.TakeAsync("running", false, default);
        var leaving = _turns.TakeAsync("a", false, gone.Token);
        var waiting = ServeAsync("b", false);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        running.Dispose();
        running.Dispose();
        await waiting;
        // One turn, not two: what was disposed twice ended once.
        using var held = await _turns.TakeAsync("c", false, default);
        var next = _turns.TakeAsync("d", false, default);
        Assert.False(next.IsCompleted);
        held.Dispose();
        (await next).Dispose();
    }

    private async Task ServeAsync(string crowd, bool isFirst)
    {
        using var turn = await _turns.TakeAsync(crowd, isFirst, default);
        lock (_served)
            _served.Add(crowd);
    }
}
