using Portal.Domain.Common;

namespace Portal.Domain.OpenId;

/// <summary>This feature's part of a session.</summary>
public static class OpenIdSession
{
    extension(IPortalSession session)
    {
        public IOidcClientStore OidcClients => session.Store<IOidcClientStore>();
        public IConsentStore Consents => session.Store<IConsentStore>();
        public IOidcKeyStore OidcKeys => session.Store<IOidcKeyStore>();
    }
}
