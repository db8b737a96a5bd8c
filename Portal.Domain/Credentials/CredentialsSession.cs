using Portal.Domain.Common;

namespace Portal.Domain.Credentials;

/// <summary>This feature's part of a session.</summary>
public static class CredentialsSession
{
    extension(IPortalSession session)
    {
        public IKeyStore Keys => session.Store<IKeyStore>();
        public IApiKeyStore ApiKeys => session.Store<IApiKeyStore>();
    }
}
