using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>What may go wrong at a customer's Kafka cluster.</summary>
public static class KafkaProblems
{
    public static Problem.Unavailable Away(string why) => new("kafka-away", why);

    public static Problem.Unavailable Silent(string servers) =>
        new(
            "kafka-silent",
            $"Kafka at {servers} didn't answer in time. Check that the brokers are running and that a firewall lets Portal "
                + "through. We'll keep trying."
        );

    public static Problem.Forbidden SignInFailed(string user) =>
        new(
            "kafka-sign-in-failed",
            $"Kafka didn't accept the password of the user {user}. Enter the current password on the connection page."
        );

    public static Problem.Forbidden NotPermitted(string what) =>
        new("kafka-permission-missing", $"Kafka doesn't let this user {what}. Run the commands on the connection page, then start again.");

    public static Problem.Invalid TooManyServers(int count, int most) =>
        new("kafka-servers-too-many", $"The cluster names {count:N0} servers; Portal looks at {most:N0} at most. Contact the operator.");

    public static Problem.Forbidden PrivateAddress(string host) =>
        new(
            "kafka-private-address",
            $"{host} is a private address, which Portal doesn't connect to. Use a public address, or ask the operator to allow "
                + "private Kafka clusters."
        );
}
