using Portal.Domain.Common;

namespace Portal.Domain.Topics;

/// <summary>This feature's part of a session.</summary>
public static class TopicsSession
{
    extension(IPortalSession session)
    {
        public ITopicStore Topics => session.Store<ITopicStore>();
    }
}
