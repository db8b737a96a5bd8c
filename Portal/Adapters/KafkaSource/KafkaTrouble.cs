using System.Text.RegularExpressions;
using Confluent.Kafka;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>
/// What a client told of its connections. The client goes on trying whatever happens and answers calls with nothing but
/// "timed out"; the reason stands in its background errors, of which the most telling is kept.
/// </summary>
internal sealed partial class KafkaTrouble(KafkaConnection connection)
{
    private readonly TaskCompletionSource _hopeless = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Error? _worst;

    /// <summary>Ends when trying on cannot help: a password that was not accepted.</summary>
    public Task Hopeless => _hopeless.Task;

    public void Note(Error error)
    {
        if (Rank(error) > Rank(_worst))
            _worst = error;
        if (error.Code == ErrorCode.Local_Authentication)
            _hopeless.TrySetResult();
    }

    /// <summary>The problem behind a call that failed.</summary>
    /// <param name="doing">As in "Kafka doesn't let this user …".</param>
    public Problem Of(Error error, string doing)
    {
        if (error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.GroupAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed)
            return KafkaProblems.NotPermitted(doing);
        if (error.Code == ErrorCode.SecurityDisabled)
            return new Problem.Forbidden("kafka-no-acls", "The Kafka cluster has no access rules.");
        var reason = error.Code
            is ErrorCode.Local_TimedOut
                or ErrorCode.RequestTimedOut
                or ErrorCode.Local_AllBrokersDown
                or ErrorCode.Local_Transport
                or ErrorCode.Local_TimedOutQueue
            ? _worst ?? error
            : error;
        return reason.Code switch
        {
            ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed => KafkaProblems.SignInFailed(connection.User ?? "—"),
            ErrorCode.Local_Ssl => KafkaProblems.Away(
                $"The TLS connection to Kafka at {connection.BootstrapServers} failed. "
                    + "Test the connection on the connection tab to see why."
            ),
            ErrorCode.Local_Resolve => KafkaProblems.Away(
                $"The name of a Kafka server doesn't resolve: {Server(reason)}. We'll keep trying."
            ),
            ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown => KafkaProblems.Away(
                $"Kafka at {Server(reason)} isn't reachable. Check that the broker is running. We'll keep trying."
            ),
            _ => KafkaProblems.Silent(connection.BootstrapServers),
        };
    }

    private static int Rank(Error? error) =>
        error?.Code switch
        {
            null => 0,
            ErrorCode.Local_Authentication => 5,
            ErrorCode.Local_Ssl => 4,
            ErrorCode.Local_Resolve => 3,
            ErrorCode.Local_Transport => 3,
            ErrorCode.Local_AllBrokersDown => 1,
            _ => 2,
        };

    /// <summary>What the client names at the beginning of a reason: <c>sasl_plaintext://host:9092/bootstrap: …</c>.</summary>
    private string Server(Error error) =>
        NamedServer().Match(error.Reason) is { Success: true } match ? match.Groups[1].Value : connection.BootstrapServers;

    [GeneratedRegex(@"^(?:[a-z_]+://)?([^\s/]+:[0-9]+)/")]
    private static partial Regex NamedServer();
}
