using System.Data.Common;
using System.Diagnostics;

namespace Portal.Domain.Common;

/// <summary>
/// Trouble of one row of many: the others are answered without it. What ails all of them, such as a database that is away, is not that.
/// </summary>
public static class OddRow
{
    /// <summary>For the filter of a catch. Notes the exception on the trace, since whoever asked sees a sentence only.</summary>
    public static bool IsCauseOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
            if (cause is OperationCanceledException or DbException or TimeoutException or IOException)
                return false;
        Activity.Current?.AddException(failure);
        return true;
    }
}
