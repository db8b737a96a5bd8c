using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>This feature's part of a session.</summary>
public static class WorkSession
{
    extension(IPortalSession session)
    {
        public IWorkStore Work => session.Store<IWorkStore>();
    }
}
