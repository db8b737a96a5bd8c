using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>This feature's part of a session.</summary>
public static class AccessSession
{
    extension(IPortalSession session)
    {
        public IViewAsStore ViewAs => session.Store<IViewAsStore>();
        public IAccountStore Accounts => session.Store<IAccountStore>();
        public ISessionStore Sessions => session.Store<ISessionStore>();
        public IRecoveryCodeStore RecoveryCodes => session.Store<IRecoveryCodeStore>();
        public IPasskeyStore Passkeys => session.Store<IPasskeyStore>();
        public IEmailChangeStore EmailChanges => session.Store<IEmailChangeStore>();
        public IMailQueue Mails => session.Store<IMailQueue>();
    }
}
