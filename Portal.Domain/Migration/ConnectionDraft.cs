using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>A connection as somebody gives it.</summary>
/// <param name="Security">By name, as <see cref="KafkaWords"/> writes it; <c>plaintext</c> unless given.</param>
/// <param name="CertificateAuthority">PEM.</param>
public sealed record ConnectionDraft(
    string? BootstrapServers,
    string? Security,
    string? User,
    string? Password,
    string? CertificateAuthority
)
{
    private const int LongestSecret = 1000;
    private const int LongestPem = 64 * 1024;

    /// <summary>Without its secrets.</summary>
    public override string ToString() => $"{BootstrapServers} ({Security})";

    /// <param name="kept">The password to go on with where none is given; null for none.</param>
    public Outcome<KafkaConnection> Check(string? kept = null)
    {
        if (!KafkaHost.ParseAll(BootstrapServers).TryGet(out var hosts, out var problem))
            return problem;
        if (!KafkaWords.TrySecurity(string.IsNullOrEmpty(Security) ? "plaintext" : Security, out var security))
            return new Problem.Invalid(
                "kafka-security-unknown",
                $"Choose one of {string.Join(", ", KafkaWords.Securities.Select(one => one.Text()))}.",
                "security"
            );
        var servers = string.Join(',', hosts);
        var authority = string.IsNullOrWhiteSpace(CertificateAuthority) ? null : CertificateAuthority.Trim();
        if (
            security.UsesTls()
            && authority is not null
            && (authority.Length > LongestPem || !authority.Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        )
            return new Problem.Invalid(
                "kafka-ca-malformed",
                "Paste the certificate authority as PEM. It begins with -----BEGIN CERTIFICATE-----.",
                "certificateAuthority"
            );
        if (!security.UsesTls())
            authority = null;
        if (!security.UsesSasl())
            return new KafkaConnection(servers, security, null, null, authority);
        if (string.IsNullOrEmpty(User) || User.Length > LongestSecret || User.Any(char.IsControl))
            return new Problem.Invalid("kafka-user-missing", "Enter the user that Portal signs in as.", "user");
        var password = string.IsNullOrEmpty(Password) ? kept : Password;
        if (string.IsNullOrEmpty(password) || password.Length > LongestSecret || password.Any(char.IsControl))
            return new Problem.Invalid("kafka-password-missing", "Enter this user's password.", "password");
        return new KafkaConnection(servers, security, User, password, authority);
    }
}

/// <summary>Words that scripts read and write.</summary>
public static class KafkaWords
{
    public static IReadOnlyList<KafkaSecurity> Securities { get; } = Enum.GetValues<KafkaSecurity>();

    public static string Text(this KafkaSecurity security) =>
        security switch
        {
            KafkaSecurity.Plaintext => "plaintext",
            KafkaSecurity.Tls => "tls",
            KafkaSecurity.SaslPlain => "sasl-plain",
            KafkaSecurity.SaslScram256 => "sasl-scram-256",
            KafkaSecurity.SaslScram512 => "sasl-scram-512",
            KafkaSecurity.TlsSaslPlain => "tls-sasl-plain",
            KafkaSecurity.TlsSaslScram256 => "tls-sasl-scram-256",
            KafkaSecurity.TlsSaslScram512 => "tls-sasl-scram-512",
        };

    /// <summary>For people.</summary>
    public static string Title(this KafkaSecurity security) =>
        security switch
        {
            KafkaSecurity.Plaintext => "No encryption, no sign-in (PLAINTEXT)",
            KafkaSecurity.Tls => "TLS, no sign-in (SSL)",
            KafkaSecurity.SaslPlain => "Password, no encryption (SASL_PLAINTEXT, PLAIN)",
            KafkaSecurity.SaslScram256 => "Password, no encryption (SASL_PLAINTEXT, SCRAM-SHA-256)",
            KafkaSecurity.SaslScram512 => "Password, no encryption (SASL_PLAINTEXT, SCRAM-SHA-512)",
            KafkaSecurity.TlsSaslPlain => "TLS and password (SASL_SSL, PLAIN)",
            KafkaSecurity.TlsSaslScram256 => "TLS and password (SASL_SSL, SCRAM-SHA-256)",
            KafkaSecurity.TlsSaslScram512 => "TLS and password (SASL_SSL, SCRAM-SHA-512)",
        };

    public static bool UsesTls(this KafkaSecurity security) =>
        security is KafkaSecurity.Tls or KafkaSecurity.TlsSaslPlain or KafkaSecurity.TlsSaslScram256 or KafkaSecurity.TlsSaslScram512;

    public static bool UsesSasl(this KafkaSecurity security) => security is not (KafkaSecurity.Plaintext or KafkaSecurity.Tls);

    /// <summary>SASL's own name of the mechanism; null without SASL.</summary>
    public static string? Mechanism(this KafkaSecurity security) =>
        security switch
        {
            KafkaSecurity.SaslPlain or KafkaSecurity.TlsSaslPlain => "PLAIN",
            KafkaSecurity.SaslScram256 or KafkaSecurity.TlsSaslScram256 => "SCRAM-SHA-256",
            KafkaSecurity.SaslScram512 or KafkaSecurity.TlsSaslScram512 => "SCRAM-SHA-512",
            _ => null,
        };

    public static bool TrySecurity(string? text, out KafkaSecurity security)
    {
        foreach (var one in Securities)
        {
            if (one.Text() != text)
                continue;
            security = one;
            return true;
        }
        security = default;
        return false;
    }
}
