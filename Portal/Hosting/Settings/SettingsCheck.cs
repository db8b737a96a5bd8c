using System.Data.Common;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;
using Portal.Hosting.KeyRing;

namespace Portal.Hosting.Settings;

/// <summary>Rules of the settings. Each refusal names the setting and says what it should be.</summary>
internal static partial class SettingsCheck
{
    private const int ShortestApiKey = 32;

    public static void Run(PortalSettings settings, string? urls, IHostEnvironment environment)
    {
        CheckListening(settings, urls);
        CheckDatabase(settings.Database);
        if (settings.GatewayOnly && !settings.Database.IsPostgreSql)
            throw new WrongSettingException(
                "Portal:GatewayOnly is true: a gateway of its own shares the database of the portal, so Portal:Database:Provider "
                    + "has to be PostgreSql."
            );
        KeyRingKeys.Read(settings.KeyRing);
        PepperReader.Read(settings.Passwords);
        ClusterSettingsReader.Read(settings.Clusters);
        CheckStripe(settings.Stripe);
        CheckMail(settings.Mail);
        CheckFirstRun(settings.FirstRun);
        CheckSample(settings);
        CheckNumbers(settings);
        DunningSettingsReader.Read(settings.Billing.Dunning);
        ConnectorGuidesReader.Read(settings.Connectors);
        for (var i = 0; i < settings.SignIn.Providers.Count; i++)
            CheckProvider(settings.SignIn.Providers[i], $"Portal:SignIn:Providers:{i}");
        CheckProviderNames(settings.SignIn.Providers);
        if (!environment.IsDevelopment())
            CheckStandIns(settings, environment.EnvironmentName);
        if (environment.IsProduction())
            CheckProduction(settings);
    }

    private static void CheckStandIns(PortalSettings settings, string environment)
    {
        if (settings.AllowLocalStandIns)
            return;
        if (settings.UsesLocalPulsar)
            throw new WrongSettingException(
                $"Portal:Clusters is not set: in {environment} the local stand-in for Pulsar is refused. "
                    + "Set Portal:Clusters:0:Name and :AdminUrl, or Portal:AllowLocalStandIns=true to run the stand-in knowingly."
            );
        if (settings.UsesLocalStripe)
            throw new WrongSettingException(
                $"Portal:Stripe:ApiKey is not set: in {environment} the local stand-in for Stripe is refused. "
                    + "Set Portal:Stripe:ApiKey and :WebhookSecret, or Portal:AllowLocalStandIns=true to run the stand-in knowingly."
            );
    }

    private static void CheckProduction(PortalSettings settings)
    {
        if (settings.PublicUrl is null)
            throw new WrongSettingException(
                "Portal:PublicUrl is not set: in Production mails and redirects need the address that customers use, for example "
                    + "https://portal.example.com."
            );
        if (settings.Mail.Host is null)
            throw new WrongSettingException(
                "Portal:Mail:Host is not set: in Production mails have to reach people. "
                    + "Set Portal:Mail:Host, :From and what your SMTP server asks for."
            );
    }

    private static void CheckListening(PortalSettings settings, string? urls)
    {
        foreach (var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // Kestrel's own forms: http://*:80 and http://+:80 listen everywhere.
            if (
                !IsHttp(
                    url.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal)
                )
            )
                throw new WrongSettingException($"urls is '{url}': it is the address to listen on, for example http://localhost:5080.");
        }
        if (settings.PublicUrl is { } publicUrl && !(IsHttp(publicUrl) && new Uri(publicUrl).PathAndQuery == "/"))
            throw new WrongSettingException(
                $"Portal:PublicUrl is '{publicUrl}': it is a scheme and a host without a path, for example https://portal.example.com."
            );
        foreach (var proxy in settings.TrustedProxies)
        {
            if (!IPAddress.TryParse(proxy, out _) && !IPNetwork.TryParse(proxy, out _))
                throw new WrongSettingException(
                    $"Portal:TrustedProxies holds '{proxy}': each entry is an IP address or a network such as 10.0.0.0/8."
                );
        }
        if (settings.DataFolder.Trim().Length == 0)
            throw new WrongSettingException("Portal:DataFolder is empty: it is the folder that holds the portal's data.");
    }

    private static void CheckDatabase(DatabaseSettings database)
    {
        if (!database.IsPostgreSql && !string.Equals(database.Provider, "Sqlite", StringComparison.OrdinalIgnoreCase))
            throw new WrongSettingException($"Portal:Database:Provider is '{database.Provider}': it is Sqlite or PostgreSql.");
        if (database.IsPostgreSql && string.IsNullOrWhiteSpace(database.ConnectionString))
            throw new WrongSettingException(
                "Portal:Database:ConnectionString is not set: PostgreSql needs one, for example "
                    + "Host=db;Database=portal;Username=portal;Password=…."
            );
        try
        {
            _ = new DbConnectionStringBuilder { ConnectionString = database.ConnectionString ?? "" };
        }
        catch (ArgumentException)
        {
            // The value may hold a password: it is not repeated.
            throw new WrongSettingException(
                "Portal:Database:ConnectionString cannot be read: it is a list of name=value pairs separated by semicolons."
            );
        }
    }

    private static void CheckStripe(StripeSettings stripe)
    {
        if (stripe.ApiBase is { } apiBase && !IsHttp(apiBase))
            throw new WrongSettingException(
                $"Portal:Stripe:ApiBase is '{apiBase}': it is an http address; leave it out for Stripe itself."
            );
        if (stripe.ApiKey is null && (stripe.ApiBase is not null || stripe.WebhookSecret is not null))
            throw new WrongSettingException(
                "Portal:Stripe:ApiKey is not set, but other settings of Stripe are: "
                    + "set it, or leave all of Portal:Stripe out for the stand-in."
            );
        if (stripe.ApiKey is { } key && !ApiKeyOfStripe().IsMatch(key))
            throw new WrongSettingException(
                "Portal:Stripe:ApiKey is not a secret key of Stripe: it begins with sk_test_, sk_live_, rk_test_ or rk_live_."
            );
        if (stripe is { ApiKey: not null, WebhookSecret: null })
            throw new WrongSettingException(
                "Portal:Stripe:WebhookSecret is not set: without it nobody can tell Stripe's events from forged ones. "
                    + "Stripe shows it beside the webhook endpoint."
            );
    }

    private static void CheckMail(MailSettings mail)
    {
        if (mail.Brand.Length is 0 or > 60 || mail.Brand.Any(char.IsControl))
            throw new WrongSettingException("Portal:Mail:Brand is the name above emails: 1 to 60 characters on one line.");
        if (mail.Footer is { Length: 0 or > 300 } || mail.Footer?.Any(char.IsControl) == true)
            throw new WrongSettingException(
                "Portal:Mail:Footer is the line below emails: 1 to 300 characters on one line. Leave it out for none."
            );
        if (mail.Host is null)
        {
            if ((mail.User ?? mail.Password ?? mail.From ?? mail.ReplyTo) is not null)
                throw new WrongSettingException(
                    "Portal:Mail:Host is not set, but other settings of mail are: "
                        + "set it, or leave all of Portal:Mail out to keep mails on the outbox page."
                );
            return;
        }
        if (mail.From is null || !MailAddress.TryCreate(mail.From, out _))
            throw new WrongSettingException(
                $"Portal:Mail:From is '{mail.From}': it is the sender, for example Portal <portal@example.com>."
            );
        if (mail.ReplyTo is not null && !MailAddress.TryCreate(mail.ReplyTo, out _))
            throw new WrongSettingException(
                $"Portal:Mail:ReplyTo is '{mail.ReplyTo}': it is where answers go, for example support@example.com."
            );
        if (mail.Port is < 1 or > 65535)
            throw new WrongSettingException($"Portal:Mail:Port is {mail.Port}: a port is between 1 and 65535.");
        if (!new[] { "None", "StartTls", "Tls" }.Contains(mail.Security, StringComparer.OrdinalIgnoreCase))
            throw new WrongSettingException($"Portal:Mail:Security is '{mail.Security}': it is StartTls, Tls or None.");
        if (mail.Password is not null && mail.User is null)
            throw new WrongSettingException("Portal:Mail:User is not set, but Portal:Mail:Password is: set both or neither.");
    }

    private static void CheckSample(PortalSettings settings)
    {
        if (
            settings.Sample.OnFirstRun
            && settings.Stripe.ApiKey is { } key
            && (key.StartsWith("sk_live_", StringComparison.Ordinal) || key.StartsWith("rk_live_", StringComparison.Ordinal))
        )
            throw new WrongSettingException(
                "Portal:Sample:OnFirstRun is true, but Portal:Stripe:ApiKey is a live key: "
                    + "the sample company's invoices would charge real cards. Leave it out, or use a Stripe test key."
            );
    }

    private static void CheckFirstRun(FirstRunSettings first)
    {
        if ((first.Email ?? first.Password ?? first.ApiKey) is null)
            return;
        if (first.Email is null || !MailAddress.TryCreate(first.Email, out _))
            throw new WrongSettingException($"Portal:FirstRun:Email is '{first.Email}': it is the operator's email address.");
        if (first.Password is null || first.Password.Length < Domain.Accounts.PasswordRules.Shortest)
            throw new WrongSettingException(
                $"Portal:FirstRun:Password is missing or too short: it has {Domain.Accounts.PasswordRules.Shortest} characters or more."
            );
        if (first.ApiKey is { Length: < ShortestApiKey })
            throw new WrongSettingException(
                $"Portal:FirstRun:ApiKey has {first.ApiKey.Length} characters: it needs {ShortestApiKey} or more, made by a "
                    + "random generator."
            );
    }

    private static void CheckNumbers(PortalSettings settings)
    {
        Within(settings.Metering.IntervalSeconds, 1, 300, "Portal:Metering:IntervalSeconds");
        // Reconciliation walks back to single samples while a period may still be closed early.
        Within(settings.Metering.KeepSamplesDays, 2, 36_600, "Portal:Metering:KeepSamplesDays");
        if (settings.Metering.KeepHoursDays != 0)
            Within(settings.Metering.KeepHoursDays, 62, 36_600, "Portal:Metering:KeepHoursDays");
        if (settings.Metering.KeepGapsDays != 0)
            Within(settings.Metering.KeepGapsDays, 62, 36_600, "Portal:Metering:KeepGapsDays");
        Within(settings.Billing.ReconcileSeconds, 1, 86_400, "Portal:Billing:ReconcileSeconds");
        Within(settings.SignIn.ConfirmAfterMinutes, 1, 24 * 60, "Portal:SignIn:ConfirmAfterMinutes");
        // Visits are noted to the minute.
        Within(settings.SignIn.EndAfterIdleMinutes, 5, 366 * 24 * 60, "Portal:SignIn:EndAfterIdleMinutes");
        Within(settings.SignIn.EndAfterMinutes, 5, 366 * 24 * 60, "Portal:SignIn:EndAfterMinutes");
        if (settings.Audit.RetentionDays != 0)
            Within(settings.Audit.RetentionDays, 30, 36_500, "Portal:Audit:RetentionDays");
        Within(settings.Migrations.KafkaProcesses, 1, 1_000, "Portal:Migrations:KafkaProcesses");
        Within(settings.Migrations.KafkaMemoryMegabytes, 128, 65_536, "Portal:Migrations:KafkaMemoryMegabytes");
        Within(settings.Limits.ApiRequestsPerSecond, 1, 1_000_000, "Portal:Limits:ApiRequestsPerSecond");
        Within(settings.Limits.ApiBurst, 1, 10_000_000, "Portal:Limits:ApiBurst");
        Within(settings.Limits.SignInsPerMinuteAndAccount, 1, 100_000, "Portal:Limits:SignInsPerMinuteAndAccount");
        Within(settings.Limits.SignInsPerMinuteAndAddress, 1, 100_000, "Portal:Limits:SignInsPerMinuteAndAddress");
        Within(settings.Limits.WebSocketSessionsPerKey, 1, 100_000, "Portal:Limits:WebSocketSessionsPerKey");
        Within(settings.Limits.OpenPagesPerVisitor, 1, 100_000, "Portal:Limits:OpenPagesPerVisitor");
        Within(settings.Limits.LeftPagesPerVisitor, 1, LeftPages.Together, "Portal:Limits:LeftPagesPerVisitor");
        Within(settings.Limits.FreeOrganizationsPerAccount, 1, 100_000, "Portal:Limits:FreeOrganizationsPerAccount");
        Within(settings.OpenId.KeyRotationDays, 1, 3650, "Portal:OpenId:KeyRotationDays");
        Within(settings.OpenId.AccessTokenMinutes, 1, 1440, "Portal:OpenId:AccessTokenMinutes");
        Within(settings.Members.InvitationDays, 1, 90, "Portal:Members:InvitationDays");
        Within(settings.Members.InvitationsPerDay, 1, 100_000, "Portal:Members:InvitationsPerDay");
        Within(settings.Members.InvitationsPerDayAndAddress, 1, 1_000, "Portal:Members:InvitationsPerDayAndAddress");
        Within(settings.StandIns.PulsarPort ?? 0, 0, 65535, "Portal:StandIns:PulsarPort");
        Within(settings.StandIns.StripePort ?? 0, 0, 65535, "Portal:StandIns:StripePort");
    }

    private static void CheckProvider(SignInProviderSettings provider, string path)
    {
        if (string.IsNullOrWhiteSpace(provider.Name))
            throw new WrongSettingException($"{path}:Name is not set: it is what the sign-in button says.");
        if (provider.Authority is null || !IsHttp(provider.Authority))
            throw new WrongSettingException(
                $"{path}:Authority is '{provider.Authority}': it is the provider's address, for example https://login.example.com."
            );
        if (new Uri(provider.Authority) is { Scheme: "http", IsLoopback: false })
            throw new WrongSettingException(
                $"{path}:Authority is '{provider.Authority}': a provider is asked over https, or over http on this machine only."
            );
        if (string.IsNullOrWhiteSpace(provider.ClientId))
            throw new WrongSettingException($"{path}:ClientId is not set: the provider gave it when the portal was registered there.");
    }

    private static void CheckProviderNames(IReadOnlyList<SignInProviderSettings> providers)
    {
        var keys = providers.Select(provider => ExternalSignIn.SettingsProviders.KeyOf(provider.Name!)).ToList();
        if (keys.Contains(""))
            throw new WrongSettingException("Portal:SignIn:Providers has a Name without a letter or digit: its address is made of them.");
        if (keys.Count != keys.Distinct().Count())
            throw new WrongSettingException("Portal:SignIn:Providers has two Names that make one address: give each its own.");
    }

    private static void Within(int value, int least, int most, string setting)
    {
        if (value < least || value > most)
            throw new WrongSettingException($"{setting} is {value}: it lies between {least} and {most}.");
    }

    private static bool IsHttp(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", Host.Length: > 0 };

    [GeneratedRegex("^(sk|rk)_(test|live)_.+")]
    private static partial Regex ApiKeyOfStripe();
}
