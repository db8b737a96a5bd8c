using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Organizations;

/// <summary>This feature's part of a session.</summary>
public static class OrganizationsSession
{
    extension(IPortalSession session)
    {
        public IInvitationStore Invitations => session.Store<IInvitationStore>();
        public IOperatorNoteStore OperatorNotes => session.Store<IOperatorNoteStore>();
    }
}
