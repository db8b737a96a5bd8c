using System.Globalization;
using System.Text.Json.Nodes;

namespace LocalPulsar.Functions;

/// <summary>What a function throws at a message, as a worker reports it.</summary>
internal sealed class FunctionException(string type, string message) : Exception($"[{type}]: {message}");

/// <summary>
/// The function <c>anomaly-score</c>: how many standard deviations one numeric field of a JSON message lies from an
/// exponentially weighted mean. Adds <c>anomaly</c> to each message; with a threshold, passes on only those at or above it.
/// </summary>
internal sealed class AnomalyScore(JsonObject configuration)
{
    private long _seen;
    private double _mean;
    private double _variance;

    /// <summary>The message with its score; null for one that is filtered out.</summary>
    /// <exception cref="FunctionException">The message has no such number, or a setting is none.</exception>
    public byte[]? Process(byte[] payload)
    {
        var field = Text("field", "value");
        var weight = Number("weight", "0.05");
        var threshold = Number("threshold", "0");
        if (
            JavaJson.Parse(payload) is not JavaJson.Map message
            || message.Fields.GetValueOrDefault(field) is not JavaJson.Number { Value: var value }
        )
            throw new FunctionException("java.lang.IllegalArgumentException", $"no numeric field {field} in this message");
        var deviation = Math.Sqrt(_variance);
        var score = _seen < 2 || deviation == 0 ? 0 : Math.Abs(value - _mean) / deviation;
        var step = value - _mean;
        _mean = _seen == 0 ? value : _mean + weight * step;
        _variance = _seen == 0 ? 0 : (1 - weight) * (_variance + weight * step * step);
        _seen++;
        if (score < threshold)
            return null;
        message.Fields["anomaly"] = JavaJson.Number.Of(score);
        return JavaJson.Write(message);
    }

    /// <summary>A setting as the function's own language shows it: every number of a configuration is a double.</summary>
    private string Text(string name, string otherwise) =>
        configuration[name] switch
        {
            null => otherwise,
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            JsonValue value when value.TryGetValue<double>(out var number) => JavaJson.Text(number),
            JsonValue value when value.TryGetValue<bool>(out var flag) => flag ? "true" : "false",
            var other => other.ToJsonString(),
        };

    private double Number(string name, string otherwise)
    {
        var text = Text(name, otherwise);
        return double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FunctionException("java.lang.NumberFormatException", $"For input string: \"{text}\"");
    }
}
