using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>RS256 tokens with <c>sub</c>, <c>iat</c> and, where asked for, <c>exp</c>: what Pulsar's token provider reads.</summary>
internal sealed class PulsarTokenSigner(ClusterConnections clusters, TimeProvider clock) : ITokenSigner, IDisposable
{
    private readonly ConcurrentDictionary<string, (ClusterRegistration Of, Lazy<RSA> Key)> _keys = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler _tokens = new() { SetDefaultTimesOnTokenCreation = false };

    public Outcome<string> Sign(string cluster, string role, DateTimeOffset? expiresAt)
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem)) return problem;
        if (connection.Registration.TokenPrivateKey is null) return PulsarProblems.NoSigningKey(cluster);
        // A key that was replaced is left to the collector: somebody may be signing with it.
        var rsa = _keys.AddOrUpdate(cluster, _ => Import(connection.Registration), (_, known) => ReferenceEquals(known.Of, connection.Registration) ? known : Import(connection.Registration)).Key.Value;
        var claims = new Dictionary<string, object>
        {
            [JwtRegisteredClaimNames.Sub] = role,
            [JwtRegisteredClaimNames.Iat] = clock.Now().ToUnixTimeSeconds(),
        };
        if (expiresAt is { } instant) claims[JwtRegisteredClaimNames.Exp] = instant.ToUnixTimeSeconds();
        return _tokens.CreateToken(new SecurityTokenDescriptor
        {
            Claims = claims,
            // The key is ours to dispose, so the library's cache must not keep a signer of it.
            SigningCredentials = new(new RsaSecurityKey(rsa) { CryptoProviderFactory = new() { CacheSignatureProviders = false } }, SecurityAlgorithms.RsaSha256),
        });
    }

    private static (ClusterRegistration, Lazy<RSA>) Import(ClusterRegistration cluster) => (cluster, new(() => SigningKey.Import(cluster.TokenPrivateKey!.Value.Span)));

    public void Dispose()
    {
        foreach (var (_, key) in _keys.Values.Where(known => known.Key.IsValueCreated)) key.Value.Dispose();
    }
}
