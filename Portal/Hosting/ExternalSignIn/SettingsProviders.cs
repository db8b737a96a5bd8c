using System.Text.RegularExpressions;
using Portal.Domain.Federation;
using Portal.Hosting.Settings;

namespace Portal.Hosting.ExternalSignIn;

/// <summary><c>Portal:SignIn:Providers</c>.</summary>
internal sealed partial class SettingsProviders(PortalSettings settings) : ISignInProviders
{
    public IReadOnlyList<SignInProvider> All { get; } =
    [
        .. settings.SignIn.Providers.Select(provider => new SignInProvider(
            KeyOf(provider.Name!),
            provider.Name!,
            provider.Authority!,
            provider.ClientId!,
            provider.ClientSecret,
            null
        )),
    ];

    /// <summary>In addresses, and so in what the provider was told: <c>Our Company</c> is <c>our-company</c>.</summary>
    public static string KeyOf(string name) => Others().Replace(name.ToLowerInvariant(), "-").Trim('-');

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Others();
}
