using Portal.Domain.Common;

namespace Portal.Domain.Organizations;

/// <summary>This feature's part of a session.</summary>
public static class OrganizationsSession
{
    extension(IPortalSession session)
    {
        public IOrganizationStore Organizations => session.Store<IOrganizationStore>();
        public IInvitationStore Invitations => session.Store<IInvitationStore>();
    }
}
