using System.Text;
using Portal.Domain.Clusters;

namespace Portal.Hosting.Settings;

/// <summary>
/// The clusters of <c>Portal:Clusters</c>, by the same rules as those registered in the portal (<see cref="ClusterRules"/>).
/// </summary>
public static class ClusterSettingsReader
{
    /// <summary>In their order; none when the section is absent.</summary>
    /// <exception cref="WrongSettingException">The sentence names the setting.</exception>
    public static IReadOnlyList<ClusterRegistration> Read(IReadOnlyList<ClusterSettings> settings)
    {
        var clusters = new List<ClusterRegistration>();
        foreach (var (index, one) in settings.Index())
        {
            var path = $"Portal:Clusters:{index}";
            var (cluster, fault) = ClusterRules.Check(
                one.Name,
                new(one.AdminUrl, one.BrokerUrl, one.WebSocketUrl, Token(one, path), PrivateKey(one, path)) { Region = one.Region }
            );
            if (fault is not null)
                throw Wrong(path, SettingOf(fault.Field, one), fault.Sentence);
            if (clusters.Any(other => other.Name == cluster!.Name))
                throw Wrong(path, "Name", $"names a second cluster '{cluster!.Name}'. Give each cluster a name of its own.");
            clusters.Add(cluster!);
        }
        return clusters;
    }

    private static string? Token(ClusterSettings cluster, string path)
    {
        if (cluster.AdminTokenFile is not { Length: > 0 } file)
            return cluster.AdminToken;
        if (!string.IsNullOrEmpty(cluster.AdminToken))
            throw Wrong(path, nameof(cluster.AdminToken), "is set together with AdminTokenFile. Keep one of the two.");
        return Encoding.UTF8.GetString(Contents(path, nameof(cluster.AdminTokenFile), file)).Trim();
    }

    /// <summary>As <see cref="ClusterInput"/> takes it.</summary>
    private static string? PrivateKey(ClusterSettings cluster, string path)
    {
        if (cluster.TokenPrivateKeyFile is not { Length: > 0 } file)
            return null;
        var bytes = Contents(path, nameof(cluster.TokenPrivateKeyFile), file);
        return bytes.AsSpan().IndexOf("-----BEGIN"u8) >= 0 ? Encoding.UTF8.GetString(bytes) : Convert.ToBase64String(bytes);
    }

    private static byte[] Contents(string path, string setting, string file)
    {
        try
        {
            var bytes = File.ReadAllBytes(file);
            return bytes.Length > 0 ? bytes : throw Wrong(path, setting, $"is '{file}', which is empty.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Wrong(path, setting, $"is '{file}', which can't be read. Check the path and its permissions.");
        }
    }

    private static string SettingOf(string field, ClusterSettings cluster) =>
        field switch
        {
            nameof(ClusterInput.TokenPrivateKey) => nameof(cluster.TokenPrivateKeyFile),
            nameof(ClusterInput.AdminToken) when cluster.AdminTokenFile is { Length: > 0 } => nameof(cluster.AdminTokenFile),
            _ => field,
        };

    private static WrongSettingException Wrong(string path, string setting, string sentence) => new($"{path}:{setting} {sentence}");
}
