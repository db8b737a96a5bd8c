using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>This feature's part of a session.</summary>
public static class CredentialsSession
{
    extension(IPortalSession session)
    {
        public IKeyStore Keys => session.Store<IKeyStore>();
        public IApiKeyStore ApiKeys => session.Store<IApiKeyStore>();
    }

    /// <summary>Begins to end a key; a line of its own, so that a revocation does not wait behind grants that take a second each.</summary>
    internal static void EndKey(this IPortalSession session, PulsarKey key, TimeProvider clock)
    {
        key.Delete(clock.Now());
        session.Work.Add(clock, new RevokeKeyWork(key.Id), RevokeKeyWork.Place(key));
    }
}
