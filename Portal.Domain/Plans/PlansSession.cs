using Portal.Domain.Common;

namespace Portal.Domain.Plans;

/// <summary>This feature's part of a session.</summary>
public static class PlansSession
{
    extension(IPortalSession session)
    {
        public IPlanStore Plans => session.Store<IPlanStore>();
    }
}
