using System.Net;
using System.Net.Http.Headers;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>A broker's answer, read whole: the small ones. Statistics of a broker are streamed instead.</summary>
/// <param name="Ahead">How far the portal's clock is ahead of the broker's, when that is too far.</param>
/// <param name="Headers">Null where nobody sent any.</param>
internal readonly record struct PulsarAnswer(
    HttpStatusCode Status,
    byte[] Body,
    TimeSpan? Ahead = null,
    HttpResponseHeaders? Headers = null
)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>For a document that may be absent.</summary>
    public static Outcome<T?>? NotFoundIsNull<T>(PulsarAnswer answer)
        where T : class => answer.Status == HttpStatusCode.NotFound ? Outcome.Of<T?>(null) : null;
}
