namespace Portal.Domain.Common;

/// <summary>
/// Tells an outage of the portal's own database from a bug. Exceptions reach the edge as they are; only there does it matter which of the
/// two they are.
/// </summary>
public interface IOutages
{
    /// <summary>What to tell whoever asked; null when the exception is no outage.</summary>
    Problem.Unavailable? Explain(Exception exception);
}
