using Portal.Domain.Common;

namespace Portal.Domain.Federation;

/// <summary>This feature's part of a session.</summary>
public static class FederationSession
{
    extension(IPortalSession session)
    {
        public IOrganizationSignInStore OrganizationSignIns => session.Store<IOrganizationSignInStore>();
        public IExternalLoginStore ExternalLogins => session.Store<IExternalLoginStore>();
    }
}
