using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Gateway;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// RS256 tokens with <c>sub</c>, <c>iat</c> and, where asked for, <c>exp</c>: what Pulsar's token provider reads. The same key tells which
/// tokens it signed.
/// </summary>
internal sealed class PulsarTokenSigner(ClusterConnections clusters, TimeProvider clock) : ITokenSigner, ITokenVerifier, IDisposable
{
    private readonly ConcurrentDictionary<string, (ClusterRegistration Of, Lazy<RSA> Key)> _keys = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler _tokens = new() { SetDefaultTimesOnTokenCreation = false };

    public Outcome<string> Sign(string cluster, string role, DateTimeOffset? expiresAt)
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem))
            return problem;
        if (connection.Registration.TokenPrivateKey is null)
            return PulsarProblems.NoSigningKey(cluster);
        var rsa = KeyOf(cluster, connection.Registration);
        var claims = new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Sub] = role,
            [JwtRegisteredClaimNames.Iat] = clock.Now().ToUnixTimeSeconds(),
        };
        if (expiresAt is { } instant)
            claims[JwtRegisteredClaimNames.Exp] = instant.ToUnixTimeSeconds();
        return _tokens.CreateToken(
            new SecurityTokenDescriptor { Claims = claims, SigningCredentials = new(Wrap(rsa), SecurityAlgorithms.RsaSha256) }
        );
    }

    public TokenClaims? Read(string token)
    {
        try
        {
            var read = _tokens.ReadJsonWebToken(token);
            if (string.IsNullOrEmpty(read.Subject))
                return null;
            return new(
                read.Subject,
                read.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Exp, out var expires)
                    ? DateTimeOffset.FromUnixTimeSeconds(expires)
                    : null
            );
        }
        catch (Exception exception)
            when (exception is ArgumentException or SecurityTokenException or FormatException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    public async Task<bool> IsSignedAsync(string cluster, string token, CancellationToken cancellationToken)
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out _) || connection.Registration.TokenPrivateKey is null)
            return false;
        var checkedToken = await _tokens.ValidateTokenAsync(
            token,
            new TokenValidationParameters
            {
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                IssuerSigningKey = Wrap(KeyOf(cluster, connection.Registration)),
                ValidateIssuer = false,
                ValidateAudience = false,
                // The domain looks at the expiry, by its own clock.
                ValidateLifetime = false,
                RequireExpirationTime = false,
            }
        );
        return checkedToken.IsValid;
    }

    /// <summary>The key is ours to dispose, so the library's cache must not keep a signer of it.</summary>
    private static RsaSecurityKey Wrap(RSA rsa) => new(rsa) { CryptoProviderFactory = new() { CacheSignatureProviders = false } };

    /// <summary>A key that was replaced is left to the collector: somebody may be signing with it.</summary>
    private RSA KeyOf(string cluster, ClusterRegistration registration) =>
        _keys
            .AddOrUpdate(
                cluster,
                _ => Import(registration),
                (_, known) => ReferenceEquals(known.Of, registration) ? known : Import(registration)
            )
            .Key.Value;

    private static (ClusterRegistration, Lazy<RSA>) Import(ClusterRegistration cluster) =>
        (cluster, new(() => SigningKey.Import(cluster.TokenPrivateKey!.Value.Span)));

    public void Dispose()
    {
        foreach (var (_, key) in _keys.Values.Where(known => known.Key.IsValueCreated))
            key.Value.Dispose();
    }
}
