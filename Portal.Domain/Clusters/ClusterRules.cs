using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Clusters;

/// <summary>A cluster as people write it: in the settings, in the form or in a request. Empty is unset.</summary>
/// <param name="AdminUrl">One or several addresses, separated by commas.</param>
/// <param name="BrokerUrl">As Pulsar clients take it: <c>pulsar://b1:6650,b2:6650</c>.</param>
/// <param name="TokenPrivateKey">PEM, or DER in base64.</param>
public sealed record ClusterInput(
    string? AdminUrl,
    string? BrokerUrl = null,
    string? WebSocketUrl = null,
    string? AdminToken = null,
    string? TokenPrivateKey = null
)
{
    /// <summary>Where it runs, for people: <c>eu-central-1</c>, <c>Frankfurt</c>.</summary>
    public string? Region { get; init; }

    /// <summary>Without the credentials, so that none reaches a log.</summary>
    public override string ToString() => $"{AdminUrl}";
}

/// <summary>What is wrong with a cluster that somebody wrote.</summary>
/// <param name="Field">Name of the setting, for example <c>AdminUrl</c>.</param>
/// <param name="Sentence">Goes on from the field's name.</param>
public sealed record ClusterFault(string Field, string Sentence)
{
    /// <summary>For a form or a request.</summary>
    internal Problem.Invalid AsProblem() =>
        new("cluster-field-invalid", $"{Label} {Sentence}", $"{char.ToLowerInvariant(Field[0])}{Field[1..]}");

    private string Label =>
        Field switch
        {
            nameof(ClusterInput.AdminUrl) => "Admin URL",
            nameof(ClusterInput.BrokerUrl) => "Broker URL",
            nameof(ClusterInput.WebSocketUrl) => "WebSocket URL",
            nameof(ClusterInput.AdminToken) => "Admin token",
            nameof(ClusterInput.TokenPrivateKey) => "Private key",
            _ => Field,
        };
}

/// <summary>What a cluster's name, addresses and credentials have to look like, wherever they come from.</summary>
public static partial class ClusterRules
{
    private const int LongestAddresses = 2_000;
    private const int LongestRegion = 60;
    private const int LongestToken = 8_000;
    private const int LongestKey = 20_000;

    /// <summary>The registration, or the first fault.</summary>
    public static (ClusterRegistration? Registration, ClusterFault? Fault) Check(string? name, ClusterInput input, bool isStandIn = false)
    {
        if (name is null || !Name().IsMatch(name))
            return Wrong("Name", "must be 1 to 40 lowercase letters, digits or dashes. It can't start or end with a dash.");
        if (AdminUrls(input.AdminUrl, out var adminUrls) is { } adminFault)
            return Wrong(nameof(input.AdminUrl), adminFault);
        var (brokerUrl, webSocket) = (input.BrokerUrl?.Trim() ?? "", input.WebSocketUrl?.Trim() ?? "");
        if (brokerUrl.Length > 0 && !IsBrokerUrl(brokerUrl))
            return Wrong(
                nameof(input.BrokerUrl),
                $"is '{Brief(brokerUrl)}', which isn't a pulsar or pulsar+ssl address. "
                    + "Write for example pulsar://broker:6650, or pulsar://b1:6650,b2:6650 for several hosts."
            );
        var webSocketUrl = Address(webSocket, "ws", "wss");
        if (webSocket.Length > 0 && webSocketUrl is null)
            return Wrong(
                nameof(input.WebSocketUrl),
                $"is '{Brief(webSocket)}', which isn't a ws or wss address. Write for example ws://broker:8080."
            );
        if (webSocketUrl is not null && PathOf(webSocketUrl) is { } path)
            return Wrong(
                nameof(input.WebSocketUrl),
                $"has the path '{Brief(path)}'. Leave it out and write only {webSocketUrl.GetLeftPart(UriPartial.Authority)}: "
                    + "Portal adds Pulsar's own paths."
            );
        var token = input.AdminToken?.Trim() ?? "";
        if (token.Length > LongestToken || token.Any(letter => letter is < '!' or > '~'))
            return Wrong(nameof(input.AdminToken), $"must be a single line of at most {LongestToken:N0} characters without spaces.");
        var region = input.Region?.Trim() ?? "";
        if (region.Length > LongestRegion || region.Any(char.IsControl))
            return Wrong(nameof(input.Region), $"must be one line of at most {LongestRegion} characters, for example eu-central-1.");
        if (Key(input.TokenPrivateKey) is not { } key)
            return Wrong(
                nameof(input.TokenPrivateKey),
                "isn't an RSA private key in PKCS#8, DER or PEM. Use the private key that belongs to the brokers' tokenPublicKey."
            );
        return (
            new ClusterRegistration(
                name,
                adminUrls,
                brokerUrl.Length == 0 ? null : brokerUrl.TrimEnd('/'),
                webSocketUrl,
                token.Length == 0 ? null : token,
                key.IsEmpty ? (ReadOnlyMemory<byte>?)null : key,
                isStandIn
            )
            {
                Region = region.Length == 0 ? null : region,
            },
            null
        );
    }

    internal static IReadOnlyList<Uri> Addresses(string text) => [.. text.Split(',').Select(one => new Uri(one))];

    private static string? AdminUrls(string? text, out IReadOnlyList<Uri> addresses)
    {
        var found = new List<Uri>();
        addresses = found;
        if (text is { Length: > LongestAddresses })
            return $"must be at most {LongestAddresses:N0} characters.";
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Address(part, "http", "https") is not { } url)
                return $"contains '{Brief(part)}', which isn't an http or https address. "
                    + "Write for example http://broker:8080, and separate several with commas.";
            if (PathOf(url) is { } path)
                return $"contains the path '{Brief(path)}'. Leave it out and write only {url.GetLeftPart(UriPartial.Authority)}: "
                    + "Portal adds Pulsar's own paths.";
            found.Add(url);
        }
        return found.Count == 0 ? "is missing. Write the web address of one or several brokers, for example http://broker:8080." : null;
    }

    /// <summary>
    /// What stands after the host. It would be dropped where Pulsar's paths are put in its place, and brokers redirect to addresses
    /// without.
    /// </summary>
    private static string? PathOf(Uri address) => address.AbsolutePath + address.Fragment is var path && path is "" or "/" ? null : path;

    /// <summary>One scheme, then hosts separated by commas: no <see cref="Uri"/> when there are several.</summary>
    private static bool IsBrokerUrl(string text)
    {
        if (
            text.Length > LongestAddresses
            || text.IndexOf("://", StringComparison.Ordinal) is not (> 0 and var end)
            || text[..end] is not ("pulsar" or "pulsar+ssl")
        )
            return false;
        var hosts = text[(end + 3)..].TrimEnd('/').Split(',');
        return hosts.All(host => Address($"{text[..end]}://{host}", "pulsar", "pulsar+ssl") is { AbsolutePath: "" or "/", Fragment: "" });
    }

    private static Uri? Address(string text, params ReadOnlySpan<string> schemes) =>
        text.Length <= LongestAddresses
        && !text.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter))
        && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && schemes.Contains(url.Scheme)
        && url.Host.Length > 0
        && url.Query.Length == 0
        && url.UserInfo.Length == 0
            ? url
            : null;

    /// <summary>Empty for none, null for what is no key.</summary>
    private static ReadOnlyMemory<byte>? Key(string? text)
    {
        text = text?.Trim() ?? "";
        if (text.Length == 0)
            return ReadOnlyMemory<byte>.Empty;
        if (text.Length > LongestKey)
            return null;
        try
        {
            var bytes = text.Contains("-----BEGIN", StringComparison.Ordinal)
                ? Encoding.UTF8.GetBytes(text)
                : Convert.FromBase64String(text);
            using var rsa = SigningKey.Import(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static (ClusterRegistration?, ClusterFault) Wrong(string field, string sentence) => (null, new(field, sentence));

    private static string Brief(string text) =>
        new([.. (text.Length <= 100 ? text : text[..100] + "…").Where(letter => !char.IsControl(letter))]);

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex Name();
}
