using System.Globalization;
using System.Net.WebSockets;
using Portal.Domain.Clusters;

namespace Portal.Adapters.PulsarMessages;

/// <summary>What a refused handshake says of the broker's clock.</summary>
internal static class SocketDates
{
    /// <summary>
    /// How far <paramref name="now"/> is ahead of the broker's clock, when that is too far; needs CollectHttpResponseDetails.
    /// </summary>
    public static TimeSpan? Ahead(ClientWebSocket socket, DateTimeOffset now) => ClockSkew.Of(DateOf(socket), now);

    private static DateTimeOffset? DateOf(ClientWebSocket socket) =>
        socket.HttpResponseHeaders?.TryGetValue("Date", out var dates) == true
        && DateTimeOffset.TryParse(dates.FirstOrDefault(), CultureInfo.InvariantCulture, out var date)
            ? date
            : null;
}
