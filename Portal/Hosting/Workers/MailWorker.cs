using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Provisioning;

namespace Portal.Hosting.Workers;

/// <summary>Sends mails when a commit rings, and looks every 2 s in any case.</summary>
public sealed class MailWorker(SendMails send, IOutboxBell bell, ILeases leases, TimeProvider clock, ILogger<MailWorker> logger) : LeasedWorker("mail", leases, clock, logger)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(2);

    protected override async Task WorkAsync(Lease lease, CancellationToken cancellationToken)
    {
        while (true)
            if (await send.RunAsync(lease, cancellationToken) == 0) await bell.WaitAsync(LooksEvery, cancellationToken);
    }
}
