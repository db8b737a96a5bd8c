using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portal.Domain.Migration;

namespace Portal.Adapters.KafkaSource;

/// <summary>The TLS step of a test: why a certificate is not trusted, in words, with the one to paste.</summary>
internal static class KafkaTls
{
    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(8);

    /// <param name="authority">PEM; null for those that the machine trusts.</param>
    /// <returns>The stream only when the step passed.</returns>
    internal static async Task<(ConnectionCheck Check, SslStream? Stream)> OpenAsync(
        Stream inner,
        KafkaHost host,
        string? authority,
        CancellationToken cancellationToken
    )
    {
        X509Certificate2Collection? trusted = null;
        if (authority is not null)
        {
            trusted = [];
            try
            {
                trusted.ImportFromPem(authority);
            }
            catch (CryptographicException)
            {
                return (
                    Failed(
                        "kafka-ca-malformed",
                        "The certificate authority can't be read. Paste it as PEM, from -----BEGIN CERTIFICATE----- to -----END "
                            + "CERTIFICATE-----."
                    ),
                    null
                );
            }
        }
        var seen = new Seen();
        var stream = new SslStream(inner, leaveInnerStreamOpen: false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(HandshakeWithin);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = host.Name,
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) => seen.Look(certificate, chain, errors, trusted),
                },
                limit.Token
            );
            return (
                new(
                    ConnectionStep.Tls,
                    CheckState.Passed,
                    null,
                    $"{host} is trusted and encrypts with {(stream.SslProtocol == SslProtocols.Tls13 ? "TLS 1.3" : "TLS 1.2")}."
                ),
                stream
            );
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (
                Failed(
                    "kafka-tls-silent",
                    $"{host} doesn't answer the TLS handshake. It may not speak TLS: "
                        + "choose a kind of security without TLS, or another port."
                ),
                null
            );
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return (
                seen.Failure(host)
                    ?? Failed(
                        "kafka-tls-failed",
                        $"{host} doesn't complete a TLS handshake. It may not speak TLS: "
                            + "choose a kind of security without TLS, or another port."
                    ),
                null
            );
        }
    }

    private static ConnectionCheck Failed(string code, string message, string? paste = null) =>
        new(ConnectionStep.Tls, CheckState.Failed, code, message, paste);

    private sealed class Seen
    {
        private SslPolicyErrors _errors;
        private string? _subject;
        private string? _issuer;
        private string? _pem;
        private DateTime _from,
            _until;
        private bool _expired;

        public bool Look(X509Certificate? given, X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection? trusted)
        {
            if (given is not X509Certificate2 certificate)
                return false;
            _errors = errors;
            (_subject, _issuer, _from, _until) = (certificate.Subject, certificate.Issuer, certificate.NotBefore, certificate.NotAfter);
            // The topmost that was sent: the authority itself, or the certificate when it signed itself.
            var sent = chain?.ChainElements.Select(element => element.Certificate).LastOrDefault() ?? certificate;
            _pem = sent.ExportCertificatePem();
            _issuer = sent.Issuer;
            _expired =
                chain?.ChainElements.FirstOrDefault()?.ChainElementStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid)
                ?? false;
            if (trusted is not null && chain is not null && _errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            {
                using var own = new X509Chain();
                own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                own.ChainPolicy.CustomTrustStore.AddRange(trusted);
                own.ChainPolicy.ExtraStore.AddRange(
                    new X509Certificate2Collection(chain.ChainElements.Select(element => element.Certificate).ToArray())
                );
                own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                if (own.Build(certificate))
                    _errors &= ~SslPolicyErrors.RemoteCertificateChainErrors;
            }
            return _errors == SslPolicyErrors.None;
        }

        public ConnectionCheck? Failure(KafkaHost host)
        {
            if (_subject is null || _errors == SslPolicyErrors.None)
                return null;
            if (_expired)
                return Failed(
                    "kafka-tls-expired",
                    $"The certificate of {host} is valid from {_from:yyyy-MM-dd} to {_until:yyyy-MM-dd} only. Renew it on the broker."
                );
            return _errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
                ? Failed(
                    "kafka-tls-name",
                    $"The certificate of {host} is for another name ({_subject}). Use a name that the certificate holds."
                )
                : Failed(
                    "kafka-tls-untrusted",
                    $"The certificate of {host} is signed by {_issuer}, which isn't trusted. "
                        + "If you recognize this authority, paste its certificate as the certificate authority. "
                        + "This is what the broker sent; compare it with your own copy first.",
                    _pem
                );
        }
    }
}
