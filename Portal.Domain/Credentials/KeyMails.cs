using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Credentials;

/// <summary>A key that ends by itself soon.</summary>
/// <param name="Where"><c>shop/default</c>; null for a key to the portal's API.</param>
public sealed record EndingKey(string Name, string? Where, DateTimeOffset ExpiresAt)
{
    public static EndingKey Of(PulsarKey key) => new(key.Name, $"{key.TenantName}/{key.NamespaceName}", key.ExpiresAt!.Value);

    public static EndingKey Of(ApiKey key) => new(key.Name, null, key.ExpiresAt!.Value);

    public bool IsApiKey => Where is null;

    /// <summary><c>Key web-backend</c></summary>
    public string Title => IsApiKey ? $"API key {Name}" : $"Key {Name}";
}

/// <summary>What the portal writes about keys.</summary>
public static class KeyMails
{
    private static readonly MailTemplate<KeysEndingMail> EndingTemplate = Ending(
        "key.ending",
        "Key expiring",
        "To owners and admins, and to the member who created a key, 14 days and 2 days before the key expires.",
        "you manage this organization or created the key",
        portal =>
            new(
                "Northwind",
                [new("web-backend", "shop/default", MailSamples.At.AddDays(14)), new("deploy-pipeline", null, MailSamples.At.AddDays(13))],
                new Uri(portal, "/o/northwind")
            )
    );

    private static readonly MailTemplate<KeysEndingMail> OwnEndingTemplate = Ending(
        "account.api-key-ending",
        "Account API key expiring",
        "To the owner of an account API key, 14 days and 2 days before the key expires.",
        "the key belongs to your account",
        portal => new(null, [new("my-laptop", null, MailSamples.At.AddDays(2))], new Uri(portal, "/account/api-keys"))
    );

    public static IReadOnlyList<MailTemplate> Templates { get; } = [EndingTemplate, OwnEndingTemplate];

    internal static Mail Of(MailRecipient to, Organization organization, IReadOnlyList<EndingKey> keys, IPublicAddress address) =>
        EndingTemplate.Write(to, new(organization.Name, keys, new Uri(address.Url, $"/{Page(organization, keys)}")));

    internal static Mail OfOwn(MailRecipient to, IReadOnlyList<EndingKey> keys, IPublicAddress address) =>
        OwnEndingTemplate.Write(to, new(null, keys, new Uri(address.Url, "/account/api-keys")));

    /// <summary>Where all of them can be replaced.</summary>
    internal static string Page(Organization organization, IReadOnlyList<EndingKey> keys)
    {
        var home = $"o/{organization.Slug}";
        return keys.Select(key => key.Where?.Split('/')[0]).Distinct().ToList() switch
        {
            [null] => $"{home}/settings/api-keys",
            [{ } tenant] => $"{home}/tenants/{tenant}?tab=connect",
            _ => home,
        };
    }

    private static MailTemplate<KeysEndingMail> Ending(
        string kind,
        string title,
        string when,
        string because,
        Func<Uri, KeysEndingMail> sampleOf
    ) =>
        new()
        {
            Kind = kind,
            Title = title,
            When = when,
            Because = because,
            SampleOf = sampleOf,
            Compose = (mail, zone) =>
                new MailDraft(
                    mail.Keys is [var one]
                        ? $"{one.Title} expires on {zone.Day(one.ExpiresAt)}"
                        : $"{mail.Keys.Count.ToString(CultureInfo.InvariantCulture)} keys expire soon",
                    $"{(mail.Keys.Count == 1 ? "This key" : "These keys")} "
                        + $"{(mail.Organization is { } organization ? $"of {organization} " : "")}will stop working:\n\n"
                        + "When a key expires, its clients are disconnected. Rotate the key now: "
                        + "you get a new one, and both work until your clients have switched."
                )
                    .Items([
                        .. mail.Keys.Select(key =>
                            $"{key.Title}{(key.Where is { } place ? $" in {place}" : "")}: {zone.Minute(key.ExpiresAt)}"
                        ),
                    ])
                    .Button(mail.Keys.Count == 1 ? "Replace key" : "Replace keys", mail.Page),
        };

    /// <param name="Organization">Null for keys of an account.</param>
    private sealed record KeysEndingMail(string? Organization, IReadOnlyList<EndingKey> Keys, Uri Page);
}
