using Portal.Domain.Common;

namespace Portal.Domain.Mails;

/// <summary>This feature's part of a session.</summary>
public static class MailsSession
{
    extension(IPortalSession session)
    {
        public IMailQueue Mails => session.Store<IMailQueue>();
    }
}
