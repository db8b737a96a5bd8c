using Portal.Adapters.PortalDatabase.Accounts;

namespace Portal.Hosting.Settings;

/// <summary><c>Portal:Passwords</c> as the hasher has it.</summary>
internal static class PepperReader
{
    /// <summary>
    /// Older ones alone are no mistake: an installation that gives its pepper up goes on with passwords hashed with it until they are
    /// hashed anew.
    /// </summary>
    public static Peppers Read(PasswordSettings settings)
    {
        var (current, older) = SecretBytes.Read(
            "Portal:Passwords",
            "Pepper",
            settings.Pepper,
            settings.PepperFile,
            settings.OlderPeppers,
            settings.OlderPepperFiles
        );
        return new(current, older);
    }
}
