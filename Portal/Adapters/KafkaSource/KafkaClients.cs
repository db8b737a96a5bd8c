using Confluent.Kafka;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>What every client of a customer's Kafka cluster begins with, so that all of them reach it the same way.</summary>
internal static class KafkaClients
{
    /// <summary>
    /// Settings for an admin client, a consumer or a producer, to be completed by who makes it. Servers it gets from
    /// <see cref="KafkaGate"/>.
    /// </summary>
    public static ClientConfig ConfigOf(KafkaConnection connection) =>
        new()
        {
            ClientId = "portal-migration",
            SecurityProtocol = connection.Security switch
            {
                KafkaSecurity.Plaintext => SecurityProtocol.Plaintext,
                KafkaSecurity.Tls => SecurityProtocol.Ssl,
                KafkaSecurity.SaslPlain or KafkaSecurity.SaslScram256 or KafkaSecurity.SaslScram512 => SecurityProtocol.SaslPlaintext,
                _ => SecurityProtocol.SaslSsl,
            },
            SaslMechanism = connection.Security switch
            {
                KafkaSecurity.SaslPlain or KafkaSecurity.TlsSaslPlain => SaslMechanism.Plain,
                KafkaSecurity.SaslScram256 or KafkaSecurity.TlsSaslScram256 => SaslMechanism.ScramSha256,
                KafkaSecurity.SaslScram512 or KafkaSecurity.TlsSaslScram512 => SaslMechanism.ScramSha512,
                _ => null,
            },
            SaslUsername = connection.User,
            SaslPassword = connection.Password,
            SslCaPem = connection.CertificateAuthority,
            // Without one, those that the machine trusts, wherever its distribution keeps them.
            SslCaLocation = connection.CertificateAuthority is null ? "probe" : null,
            // A reader must never be the reason that a topic is there.
            AllowAutoCreateTopics = false,
        };
}
