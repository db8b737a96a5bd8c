using System.Diagnostics.Metrics;
using Portal.Domain.Common;
using Portal.Domain.Gateway;

namespace Portal.Features.Gateway;

/// <summary>What goes on at the gateway of this replica. Reasons are the codes of problems, of which there are few.</summary>
public sealed class GatewayMeter : IDisposable
{
    /// <summary>From clients to brokers.</summary>
    internal const string In = "in";

    /// <summary>From brokers to clients.</summary>
    internal const string Out = "out";

    private readonly Meter _meter = new("Portal");
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _ended;

    public GatewayMeter(GatewaySessions sessions)
    {
        _meter.ObserveGauge("gateway.sessions", sessions, Count, description: "WebSocket sessions that are open or being opened, by kind");
        _bytes = _meter.CreateCounter<long>(
            "gateway.bytes",
            "By",
            "Bytes of WebSocket messages by direction, as clients send and receive them"
        );
        _refused = _meter.CreateCounter<long>("gateway.refused", description: "WebSocket connections that were refused, by reason");
        _ended = _meter.CreateCounter<long>("gateway.ended", description: "WebSocket sessions that Portal ended, by reason");
    }

    internal void Moved(string direction, int bytes) => _bytes.Add(bytes, Tag("direction", direction));

    internal void Refused(Problem problem) => _refused.Add(1, Tag("reason", problem.Code));

    internal void Ended(Problem problem) => _ended.Add(1, Tag("reason", problem.Code));

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> Count(GatewaySessions sessions)
    {
        var open = sessions.Open;
        return Enum.GetValues<SessionKind>()
            .Select(kind => new Measurement<int>(
                open.Count(session => session.Admission.Address.Kind == kind),
                Tag("kind", kind.ToString().ToLowerInvariant())
            ));
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
