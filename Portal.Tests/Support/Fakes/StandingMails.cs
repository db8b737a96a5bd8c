using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Tests.Support.Fakes;

/// <summary>No mail server is set up; nobody looks into the outbox.</summary>
public sealed class StandingMails : IMailer, IMailOutbox
{
    public bool KeepsMails => true;

    public Task<Outcome<Done>> SendAsync(Guid id, Mail mail, CancellationToken cancellationToken) => Task.FromResult(Outcome.Done);

    public Task<PageOf<KeptMail>> ListAsync(PageRequest page, CancellationToken cancellationToken) =>
        Task.FromResult(new PageOf<KeptMail>([], null));
}
