using System.Net;
using System.Text;
using System.Text.Json.Serialization;

namespace Portal.Adapters.PulsarAdmin;

internal sealed record ConnectorDocument(string? Name, string? Description);

internal sealed record FieldDocument(string? FieldName, string? TypeName, Dictionary<string, string>? Attributes);

internal sealed record ConnectorStatusDocument(InstanceDocument[]? Instances);

internal sealed record InstanceDocument(int InstanceId, InstanceStatusDocument? Status);

internal sealed record InstanceStatusDocument(
    bool Running,
    string? Error,
    long NumRestarts,
    long NumReadFromPulsar,
    long NumReceivedFromSource,
    long NumWrittenToSink,
    long NumWritten,
    long NumSinkExceptions,
    long NumSourceExceptions,
    long NumSystemExceptions,
    ExceptionDocument[]? LatestSinkExceptions,
    ExceptionDocument[]? LatestSourceExceptions,
    ExceptionDocument[]? LatestSystemExceptions,
    long LastReceivedTime,
    long NumReceived,
    long NumSuccessfullyProcessed,
    long NumUserExceptions,
    ExceptionDocument[]? LatestUserExceptions,
    double AverageLatency,
    long LastInvocationTime
);

internal sealed record FunctionStatsDocument([property: JsonPropertyName("1min")] FunctionMinuteDocument? LastMinute);

/// <param name="AvgProcessLatency">Milliseconds.</param>
internal sealed record FunctionMinuteDocument(
    long ReceivedTotal,
    long ProcessedSuccessfullyTotal,
    long SystemExceptionsTotal,
    long UserExceptionsTotal,
    double? AvgProcessLatency
);

internal sealed record ExceptionDocument(string? ExceptionString, long TimestampMs);
