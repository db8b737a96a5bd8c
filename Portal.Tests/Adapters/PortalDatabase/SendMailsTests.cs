using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

/// <summary>Sending emails over a real database and a mail server that may be away.</summary>
public sealed class SendMailsTests : IMailer
{
    private readonly FakeTimeProvider _clock = new(new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
    private readonly List<string> _sent = [];
    private int _tries;
    private bool _away;

    public bool KeepsMails => false;

    [Fact]
    public async Task An_email_waits_while_the_server_is_away_and_is_sent_once()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var send = await StartAsync(data, "ada@example.com");
        _away = true;
        await send.RunAsync();
        Assert.Equal(1, _tries);
        _away = false;
        _clock.Advance(TimeSpan.FromSeconds(30));
        await send.RunAsync();
        _clock.Advance(TimeSpan.FromDays(1));
        await send.RunAsync();
        Assert.Equal(["ada@example.com"], _sent);
    }

    [Fact]
    public async Task An_email_that_no_server_ever_takes_is_given_up_after_a_day()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var send = await StartAsync(data, "ada@example.com");
        _away = true;
        for (var minute = 0; minute < 2 * 24 * 60; minute++)
        {
            await send.RunAsync();
            _clock.Advance(TimeSpan.FromMinutes(1));
        }
        Assert.InRange(_tries, 10, 20);
        var row = Assert.Single((await data.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), default), default)).Items);
        Assert.Equal((WorkState.Refused, "mail-not-taken"), (row.State, row.ProblemCode));
        Assert.Null(
            await data.Database.ReadAsync(session => session.Mails.FindAsync(row.PayloadOf<SendMailWork>().Mail, default), default)
        );
    }

    [Fact]
    public async Task One_address_that_the_server_refuses_holds_up_nobody_elses_email()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var send = await StartAsync(data, "throws@example.com", "refused@example.com", "ada@example.com", "grace@example.com");
        await send.RunAsync();
        Assert.Equal(["ada@example.com", "grace@example.com"], _sent);
        Assert.Equal(["InvalidOperationException", "mail-not-taken"], send.Failures.Select(failure => failure.What));
    }

    [Fact]
    public async Task A_mailbox_that_does_not_exist_is_given_up_at_once_and_pages_nobody()
    {
        await using var data = await TestDatabase.SqliteAsync(_clock);
        var send = await StartAsync(data, "nobody@example.com");
        await send.RunAsync();
        _clock.Advance(TimeSpan.FromHours(2));
        await send.RunAsync();
        var row = Assert.Single((await data.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), default), default)).Items);
        Assert.Equal((WorkState.Refused, "mail-address-refused", false, 1), (row.State, row.ProblemCode, row.NeedsPerson, _tries));
    }

    [Theory]
    [InlineData("account.verify", WorkPriority.Waiting)]
    [InlineData("account.reset", WorkPriority.Waiting)]
    [InlineData("member.invitation", WorkPriority.Waiting)]
    [InlineData("invoice.due", WorkPriority.Background)]
    [InlineData("budget.reached", WorkPriority.Background)]
    public void Whoever_wants_to_get_in_is_written_to_before_a_months_invoices(string kind, WorkPriority priority) =>
        Assert.Equal(priority, new SendMailWork(Guid.Empty).Place(kind).Priority);

    public Task<Outcome<Done>> SendAsync(Guid id, Mail mail, CancellationToken cancellationToken)
    {
        _tries++;
        if (mail.To.StartsWith("throws", StringComparison.Ordinal))
            throw new InvalidOperationException("The library did not expect that.");
        if (mail.To.StartsWith("nobody", StringComparison.Ordinal))
            return Task.FromResult<Outcome<Done>>(new Problem.Invalid("mail-address-refused", "No such mailbox."));
        if (_away || mail.To.StartsWith("refused", StringComparison.Ordinal))
            return Task.FromResult<Outcome<Done>>(new Problem.Unavailable("mail-not-taken", "No."));
        _sent.Add(mail.To);
        return Task.FromResult(Outcome.Done);
    }

    private async Task<WorkPump> StartAsync(TestDatabase data, params string[] addresses)
    {
        await data.Database.UpdateAsync(
            null,
            session =>
            {
                foreach (var address in addresses)
                    session.Mails.Add(TestMail.To(address));
                return Task.FromResult(true);
            },
            CancellationToken.None
        );
        return new WorkPump(data.Database, _clock, new SendMail(data.Database, this, _clock));
    }
}
