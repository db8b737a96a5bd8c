using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>This feature's part of a session.</summary>
public static class AccessSession
{
    extension(IPortalSession session)
    {
        public IOrganizationStore Organizations => session.Store<IOrganizationStore>();
        public IViewAsStore ViewAs => session.Store<IViewAsStore>();
        public IAccountStore Accounts => session.Store<IAccountStore>();
        public ISessionStore Sessions => session.Store<ISessionStore>();
    }
}
