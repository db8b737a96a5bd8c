namespace Portal.Shell;

/// <summary>
/// What only the request knows and the circuit needs: handed from the document to the interactive part as a protected
/// parameter, since a circuit has no request of its own.
/// </summary>
/// <param name="Address">The client's network address, for the audit log.</param>
/// <param name="Zone">The viewer's IANA time zone, null before the browser has told it.</param>
public sealed record Visit(string? Address, string? Zone)
{
    public static Visit Of(HttpContext context) =>
        new(
            context.Connection.RemoteIpAddress?.ToString(),
            context.Request.Cookies.TryGetValue("portal-zone", out var zone) && zone.Length <= 64 ? Uri.UnescapeDataString(zone) : null
        );
}
