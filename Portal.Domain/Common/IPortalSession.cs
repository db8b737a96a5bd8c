namespace Portal.Domain.Common;

/// <summary>
/// One transaction, or one consistent read. Each feature names its stores itself, as properties of the session
/// (<c>session.Topics</c>), so that nothing here has to know the features.
/// </summary>
public interface IPortalSession
{
    /// <exception cref="InvalidOperationException">There is no such store.</exception>
    TStore Store<TStore>()
        where TStore : class;
}
