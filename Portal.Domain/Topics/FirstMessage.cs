using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Topics;

internal static class FirstMessage
{
    /// <summary>
    /// Once in an organization's life, and only for what a broker holds: the quickstart is ticked by what really happened.
    /// Whoever leaves the page now has sent it all the same; and whoever was told that it failed would send it again, so a
    /// database that is away now is no failure: the meter tells later.
    /// </summary>
    internal static async Task NoteFirstMessageAsync(this IPortalDatabase database, Organization organization, TimeProvider clock)
    {
        if (organization.FirstMessageAt is not null)
            return;
        try
        {
            await database.UpdateAsync(
                null,
                organization.Id,
                async session =>
                {
                    (await session.Organizations.FindAsync(organization.Id, CancellationToken.None))!.HasSentMessage(clock.Now());
                    return true;
                },
                CancellationToken.None
            );
        }
        catch (Exception outage) when (outage is not OutOfMemoryException)
        {
            // The next message tries again.
        }
    }
}
