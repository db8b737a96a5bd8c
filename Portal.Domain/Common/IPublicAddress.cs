namespace Portal.Domain.Common;

/// <summary>
/// Where people reach the portal: <c>Portal:PublicUrl</c>, or the address it listens on. For links in mails and snippets.
/// </summary>
public interface IPublicAddress
{
    /// <summary>Scheme, host and port; no path.</summary>
    Uri Url { get; }
}
