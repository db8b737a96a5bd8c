using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.OpenId;

namespace Portal.Hosting.OpenId;

/// <summary>Compares secrets as <see cref="OidcSecret"/> keeps them.</summary>
internal sealed class OidcApplications(
    IOpenIddictApplicationCache<OidcApplicationRow> cache,
    ILogger<OpenIddictApplicationManager<OidcApplicationRow>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options,
    IOpenIddictApplicationStore<OidcApplicationRow> store
) : OpenIddictApplicationManager<OidcApplicationRow>(cache, logger, options, store)
{
    protected override ValueTask<bool> ValidateClientSecretAsync(
        string secret,
        string comparand,
        CancellationToken cancellationToken = default
    ) => new(OidcSecret.Matches(secret, comparand));
}
