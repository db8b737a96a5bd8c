using System.Text.Json.Serialization;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// How a customer's Kafka cluster is reached. It is read only; nothing is ever written to it but when somebody goes back.
/// </summary>
/// <param name="BootstrapServers">One or more <c>host:port</c>, separated by commas.</param>
/// <param name="Security">What its listener speaks.</param>
/// <param name="User">With SASL only.</param>
/// <param name="Password">With SASL only. In clear: a value that is sealed before it is kept, and stands in no log and no answer.</param>
/// <param name="CertificateAuthority">PEM of the authority that signed the brokers' certificates; null for those that the machine
/// trusts.</param>
public sealed record KafkaConnection(
    string BootstrapServers,
    KafkaSecurity Security,
    string? User,
    string? Password,
    string? CertificateAuthority
)
{
    /// <summary>Who connects: two organizations share nothing, also where they name the same cluster. Kept nowhere.</summary>
    [JsonIgnore]
    public OrganizationId? Owner { get; init; }

    /// <summary>Without its secrets: a connection in a message or a log says where, and no more.</summary>
    public override string ToString() => $"{BootstrapServers} ({Security})";
}

/// <summary>Encryption and sign-in of a Kafka listener.</summary>
public enum KafkaSecurity
{
    Plaintext,
    Tls,
    SaslPlain,
    SaslScram256,
    SaslScram512,
    TlsSaslPlain,
    TlsSaslScram256,
    TlsSaslScram512,
}
