using System.Net;
using System.Net.Sockets;

namespace Portal.Domain.Access;

/// <summary>
/// What one person gets: an address, or the network of one with IPv6, where everybody has more addresses than there are limits.
/// </summary>
public static class ClientNetwork
{
    /// <returns><c>unknown</c> for what is no address.</returns>
    public static string Of(string? address)
    {
        if (!IPAddress.TryParse(address, out var parsed))
            return "unknown";
        if (parsed.IsIPv4MappedToIPv6)
            parsed = parsed.MapToIPv4();
        return parsed.AddressFamily == AddressFamily.InterNetwork
            ? parsed.ToString()
            : Convert.ToHexString(parsed.GetAddressBytes().AsSpan(0, 8));
    }
}
