using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Gateway;

/// <summary>Keeps when keys were last used by WebSocket clients of this replica, to the minute.</summary>
public sealed class NoteKeyUse(GatewaySessions sessions, IPortalDatabase database, TimeProvider clock)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var used = sessions.UsedKeys();
        if (used.Count == 0)
            return;
        await database.UpdateAsync(
            null,
            async session =>
            {
                await session.Keys.UsedAsync(used, clock.Now(), cancellationToken);
                return true;
            },
            cancellationToken
        );
        sessions.Noted(used);
    }
}
