using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>
/// What ties an account or a session to a provider outside the portal: the issuer, and before it the organization whose own
/// provider it is.
/// </summary>
public static class ProviderLink
{
    /// <summary>What the links of an organization's provider begin with; empty for the providers of the settings.</summary>
    internal static string PrefixOf(OrganizationId? organization) => organization is { } id ? $"{id}|" : "";

    /// <summary>Whose provider a link is of; null for those of the settings, and for no link.</summary>
    public static OrganizationId? OrganizationOf(string? link) =>
        link?.IndexOf('|') is { } end and > 0 && Guid.TryParse(link.AsSpan(0, end), out var id) ? new OrganizationId(id) : null;
}
