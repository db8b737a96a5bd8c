using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>This feature's part of a session.</summary>
public static class AccountsSession
{
    extension(IPortalSession session)
    {
        public IRecoveryCodeStore RecoveryCodes => session.Store<IRecoveryCodeStore>();
        public IPasskeyStore Passkeys => session.Store<IPasskeyStore>();
        public IEmailChangeStore EmailChanges => session.Store<IEmailChangeStore>();
    }
}
