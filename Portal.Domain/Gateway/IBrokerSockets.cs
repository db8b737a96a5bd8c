using System.Net.WebSockets;
using Portal.Domain.Common;

namespace Portal.Domain.Gateway;

/// <summary>Opens a client's session at the brokers of its cluster.</summary>
public interface IBrokerSockets
{
    /// <summary>
    /// Connects with the client's own token, so that the broker checks it too. The caller disposes the socket. A refusal
    /// of the broker keeps its kind (401, 403, 404, 409); Unavailable when it is away or doesn't answer in time.
    /// </summary>
    Task<Outcome<WebSocket>> OpenAsync(Admission admission, string token, CancellationToken cancellationToken);
}

/// <summary>What a token says of itself; nothing is proven by it.</summary>
/// <param name="Role">Its subject.</param>
public sealed record TokenClaims(string Role, DateTimeOffset? ExpiresAt);

/// <summary>Checks tokens that Portal signed for a cluster's clients.</summary>
public interface ITokenVerifier
{
    /// <summary>Null for what is no token.</summary>
    TokenClaims? Read(string token);

    /// <summary>Whether the cluster's key signed it. Its expiry is not looked at.</summary>
    Task<bool> IsSignedAsync(string cluster, string token, CancellationToken cancellationToken);
}
