using Microsoft.EntityFrameworkCore;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>At start: passwords that nobody can sign in with, because the pepper that they were hashed with is not set.</summary>
public sealed partial class PepperRows(PortalConnections connections, Peppers peppers, ILogger<PepperRows> logger)
{
    public async Task WarnAsync(CancellationToken cancellationToken)
    {
        await using var context = connections.CreateDbContext();
        var lost = new Dictionary<string, int>();
        await foreach (
            var hash in context
                .Users.Where(user => user.PasswordHash!.StartsWith(Peppers.Mark))
                .Select(user => user.PasswordHash!)
                .AsAsyncEnumerable()
                .WithCancellation(cancellationToken)
        )
        {
            if (Peppers.IdIn(hash) is { } id && !peppers.Has(id))
                lost[id] = lost.GetValueOrDefault(id) + 1;
        }
        foreach (var (id, count) in lost)
            LogLost(count, id);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "{Count} password(s) were hashed with the pepper with the id {Id}, which isn't set. "
            + "Add it to Portal:Passwords:OlderPeppers; until then these people can sign in only after they reset their password"
    )]
    private partial void LogLost(int count, string id);
}
