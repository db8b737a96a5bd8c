using Portal.Domain.Common;

namespace Portal.Domain.Tenants;

/// <summary>This feature's part of a session.</summary>
public static class TenantsSession
{
    extension(IPortalSession session)
    {
        public ITenantStore Tenants => session.Store<ITenantStore>();
    }
}
