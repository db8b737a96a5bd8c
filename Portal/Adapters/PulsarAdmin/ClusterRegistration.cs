using System.Security.Cryptography;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>
/// A cluster with its credentials, as the settings or the embedded mode name it. The credentials never leave this adapter.
/// </summary>
/// <param name="Name">The portal's name of the cluster.</param>
/// <param name="AdminUrls">One or several brokers, or what stands in front of them; all of one cluster.</param>
/// <param name="BrokerUrl">For customers' clients; null where there is no binary protocol.</param>
/// <param name="WebSocketUrl">For customers' clients and for the portal's own sending and reading; null where there is none.</param>
/// <param name="AdminToken">A super-user's token; null where the cluster has no authentication.</param>
/// <param name="TokenPrivateKey">PKCS#8, DER or PEM; null where the portal signs no keys.</param>
/// <param name="IsStandIn">LocalPulsar: pages say so.</param>
public sealed record ClusterRegistration(
    string Name, IReadOnlyList<Uri> AdminUrls, Uri? BrokerUrl, Uri? WebSocketUrl, string? AdminToken, ReadOnlyMemory<byte>? TokenPrivateKey, bool IsStandIn = false)
{
    /// <summary>Without the credentials, so that none reaches a log.</summary>
    public override string ToString() => $"{Name} ({string.Join(", ", AdminUrls)})";

    /// <summary>
    /// The clusters of <c>Portal:Clusters</c>, in their order; none when the section is absent. A wrong setting is an
    /// Invalid <c>setting-wrong</c> whose sentence and field name it.
    /// </summary>
    public static Outcome<IReadOnlyList<ClusterRegistration>> Read(IConfiguration configuration)
    {
        var clusters = new List<ClusterRegistration>();
        foreach (var section in configuration.GetSection("Portal:Clusters").GetChildren())
        {
            if (!Read(section).TryGet(out var cluster, out var problem)) return problem;
            if (clusters.Any(other => string.Equals(other.Name, cluster.Name, StringComparison.OrdinalIgnoreCase)))
                return Wrong(section, "Name", $"names a second cluster '{cluster.Name}'. Give each cluster a name of its own.");
            clusters.Add(cluster);
        }
        return clusters;
    }

    private static Outcome<ClusterRegistration> Read(IConfigurationSection section)
    {
        if (section["Name"] is not { Length: > 0 } name) return Wrong(section, "Name", "is missing. Name the cluster as customers shall see it.");
        var adminUrls = new List<Uri>();
        foreach (var text in (section["AdminUrl"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Address(text, "http", "https") is not { } url)
                return Wrong(section, "AdminUrl", $"holds '{text}', which is no http or https address. Write for example http://broker:8080, several with commas.");
            adminUrls.Add(url);
        }
        if (adminUrls.Count == 0) return Wrong(section, "AdminUrl", "is missing. Write the web address of one or several brokers, for example http://broker:8080.");
        Uri? brokerUrl = null, webSocketUrl = null;
        if (section["BrokerUrl"] is { Length: > 0 } broker && (brokerUrl = Address(broker, "pulsar", "pulsar+ssl")) is null)
            return Wrong(section, "BrokerUrl", $"is '{broker}', which is no pulsar or pulsar+ssl address. Write for example pulsar://broker:6650.");
        if (section["WebSocketUrl"] is { Length: > 0 } webSocket && (webSocketUrl = Address(webSocket, "ws", "wss")) is null)
            return Wrong(section, "WebSocketUrl", $"is '{webSocket}', which is no ws or wss address. Write for example ws://broker:8080.");
        if (!Token(section).TryGet(out var token, out var problem) || !PrivateKey(section).TryGet(out var key, out problem)) return problem;
        return new ClusterRegistration(name, adminUrls, brokerUrl, webSocketUrl, token.Length == 0 ? null : token, key.IsEmpty ? null : key);
    }

    private static Outcome<string> Token(IConfigurationSection section)
    {
        var (token, file) = (section["AdminToken"]?.Trim(), section["AdminTokenFile"]);
        if (string.IsNullOrEmpty(file)) return token ?? "";
        if (!string.IsNullOrEmpty(token)) return Wrong(section, "AdminToken", "is set together with AdminTokenFile. Keep one of the two.");
        return Contents(section, "AdminTokenFile", file).Then<string>(bytes => System.Text.Encoding.UTF8.GetString(bytes).Trim() is { Length: > 0 } text
            ? text
            : Wrong(section, "AdminTokenFile", $"names '{file}', which is empty."));
    }

    private static Outcome<ReadOnlyMemory<byte>> PrivateKey(IConfigurationSection section)
    {
        if (section["TokenPrivateKeyFile"] is not { Length: > 0 } file) return ReadOnlyMemory<byte>.Empty;
        return Contents(section, "TokenPrivateKeyFile", file).Then<ReadOnlyMemory<byte>>(bytes =>
        {
            try
            {
                using var rsa = RsaKeys.Import(bytes);
                return new ReadOnlyMemory<byte>(bytes);
            }
            catch (Exception exception) when (exception is CryptographicException or ArgumentException)
            {
                return Wrong(section, "TokenPrivateKeyFile", $"names '{file}', which holds no RSA private key in PKCS#8, DER or PEM. It is the key of the broker's tokenPublicKey.");
            }
        });
    }

    private static Outcome<byte[]> Contents(IConfigurationSection section, string setting, string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Wrong(section, setting, $"names '{file}', which cannot be read. Check the path and its permissions.");
        }
    }

    private static Uri? Address(string text, params ReadOnlySpan<string> schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && schemes.Contains(url.Scheme) && url.Host.Length > 0 && url.Query.Length == 0 && url.UserInfo.Length == 0
            ? url
            : null;

    private static Problem.Invalid Wrong(IConfigurationSection section, string setting, string sentence) =>
        new("setting-wrong", $"{section.Path}:{setting} {sentence}", $"{section.Path}:{setting}");
}
