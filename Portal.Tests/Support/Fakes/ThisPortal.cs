using Portal.Domain.Common;

namespace Portal.Tests.Support.Fakes;

/// <summary>Where the portal of a test would be.</summary>
public sealed class ThisPortal : IPublicAddress
{
    public Uri Url { get; } = new("https://portal.example.com");
}
