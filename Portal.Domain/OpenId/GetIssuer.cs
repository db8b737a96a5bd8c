using Portal.Domain.Common;

namespace Portal.Domain.OpenId;

/// <summary>The issuer that clients are configured with.</summary>
public sealed class GetIssuer(IPublicAddress address)
{
    public Task<Uri> RunAsync(CancellationToken cancellationToken) => Task.FromResult(address.Url);
}
