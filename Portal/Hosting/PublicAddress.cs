using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portal.Domain.Common;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary><c>Portal:PublicUrl</c>, or the first address that the server listens on.</summary>
internal sealed class PublicAddress(PortalSettings settings, IServer server) : IPublicAddress
{
    public Uri Url => new(settings.PublicUrl ?? Listening ?? Default);

    public const string Default = "http://localhost:5080";

    private string? Listening =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
            ? address.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal)
            : null;
}
