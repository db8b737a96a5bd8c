using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>RS256 tokens with <c>sub</c>, <c>iat</c> and, where asked for, <c>exp</c>: what Pulsar's token provider reads.</summary>
internal sealed class PulsarTokenSigner(ClusterConnections clusters, TimeProvider clock) : ITokenSigner, IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<RSA>> _keys = new(StringComparer.Ordinal);
    private readonly JsonWebTokenHandler _tokens = new() { SetDefaultTimesOnTokenCreation = false };

    public Outcome<string> Sign(string cluster, string role, DateTimeOffset? expiresAt)
    {
        if (!clusters.Find(cluster).TryGet(out var connection, out var problem)) return problem;
        if (connection.Registration.TokenPrivateKey is not { } key) return PulsarProblems.NoSigningKey(cluster);
        var rsa = _keys.GetOrAdd(cluster, _ => new(() => RsaKeys.Import(key.Span))).Value;
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

    public void Dispose()
    {
        foreach (var key in _keys.Values.Where(key => key.IsValueCreated)) key.Value.Dispose();
    }
}
