using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>The worker's round over a real database and a mail server that may be away.</summary>
public sealed class SendMailsTests : IMailer
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
    private readonly List<string> _sent = [];
    private bool _away;

    [Fact]
    public async Task A_mail_waits_while_the_server_is_away_and_is_sent_once()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var (send, lease) = await StartAsync(data);
        _away = true;
        Assert.Equal(1, await send.RunAsync(lease, CancellationToken.None));
        Assert.Equal(0, await send.RunAsync(lease, CancellationToken.None));
        _away = false;
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await send.RunAsync(lease, CancellationToken.None));
        Assert.Equal(["ada@example.com"], _sent);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await send.RunAsync(lease, CancellationToken.None));
    }

    [Fact]
    public async Task A_mail_that_no_server_ever_takes_is_given_up_after_about_a_day()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var (send, lease) = await StartAsync(data);
        _away = true;
        var begun = _clock.GetUtcNow();
        var attempts = 0;
        DateTimeOffset last = default;
        for (var i = 0; i < 5 * 24 * 60; i++)
        {
            if (await send.RunAsync(lease, CancellationToken.None) == 1) (attempts, last) = (attempts + 1, _clock.GetUtcNow());
            _clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.Equal(12, attempts);
        Assert.InRange(last - begun, TimeSpan.FromHours(8), TimeSpan.FromHours(30));
    }

    public Task<Outcome<Done>> SendAsync(Mail mail, CancellationToken cancellationToken)
    {
        if (_away) return Task.FromResult<Outcome<Done>>(new Problem.Unavailable("mail-not-taken", "No."));
        _sent.Add(mail.To);
        return Task.FromResult(Outcome.Done);
    }

    private async Task<(SendMails Send, Lease Lease)> StartAsync(TestDatabase data)
    {
        await data.Database.UpdateAsync(null, session =>
        {
            session.Mails.Add(new("ada@example.com", "Hello", "Hello.", null, null));
            return Task.FromResult(true);
        }, CancellationToken.None);
        return (new SendMails(data.Database, this, _clock), (await data.Leases.AcquireAsync("mail", CancellationToken.None))!);
    }
}
