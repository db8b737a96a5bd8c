using Portal.Domain.Mails;

namespace Portal.Hosting.Settings;

/// <summary>
/// Everything under <c>Portal:</c>, as docs/settings.md lists it. Checked by <see cref="SettingsCheck"/> before anything starts.
/// </summary>
public sealed record PortalSettings
{
    public const string Section = "Portal";

    /// <summary>SQLite file and what the stand-ins keep. Relative to the content root.</summary>
    public string DataFolder { get; init; } = "data";

    /// <summary>In mails, redirects and snippets; null until the server listens when it was not set.</summary>
    public string? PublicUrl { get; init; }

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>) whose forwarded headers count.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    public bool AllowLocalStandIns { get; init; }

    /// <summary>Serves WebSocket clients of topics and nobody else, and does none of the portal's work.</summary>
    public bool GatewayOnly { get; init; }

    public DatabaseSettings Database { get; init; } = new();
    public KeyRingSettings KeyRing { get; init; } = new();
    public IReadOnlyList<ClusterSettings> Clusters { get; init; } = [];
    public StripeSettings Stripe { get; init; } = new();
    public MailSettings Mail { get; init; } = new();
    public BillingSection Billing { get; init; } = new();

    public MeteringSettings Metering { get; init; } = new();
    public SignInSettings SignIn { get; init; } = new();
    public PasswordSettings Passwords { get; init; } = new();
    public OperatorSettings Operators { get; init; } = new();
    public MigrationSettings Migrations { get; init; } = new();
    public ConnectorsSection Connectors { get; init; } = new();
    public OpenIdSettings OpenId { get; init; } = new();
    public FirstRunSettings FirstRun { get; init; } = new();
    public SampleSection Sample { get; init; } = new();
    public AuditSettings Audit { get; init; } = new();
    public StatusPageSettings StatusPage { get; init; } = new();
    public LimitSettings Limits { get; init; } = new();
    public MemberSettings Members { get; init; } = new();
    public StandInSettings StandIns { get; init; } = new();

    public bool UsesLocalPulsar => Clusters.Count == 0;

    public bool UsesLocalStripe => Stripe.ApiKey is null;
}

public sealed record DatabaseSettings
{
    public string Provider { get; init; } = "Sqlite";
    public string? ConnectionString { get; init; }

    public bool IsPostgreSql => string.Equals(Provider, "PostgreSql", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// What the key ring in the database is encrypted with. Each key is 32 random bytes in base64; a file may hold the bytes themselves.
/// </summary>
public sealed record KeyRingSettings
{
    public string? Key { get; init; }
    public string? KeyFile { get; init; }

    /// <summary>Keys that decrypt and no longer encrypt: after one start with them nothing needs them.</summary>
    public IReadOnlyList<string> OlderKeys { get; init; } = [];

    public IReadOnlyList<string> OlderKeyFiles { get; init; } = [];
}

public sealed record ClusterSettings
{
    public string? Name { get; init; }

    /// <summary>One or several brokers, separated by commas.</summary>
    public string? AdminUrl { get; init; }

    public string? BrokerUrl { get; init; }

    /// <summary>Where it runs, for people: <c>eu-central-1</c>.</summary>
    public string? Region { get; init; }

    public string? WebSocketUrl { get; init; }
    public string? AdminToken { get; init; }
    public string? AdminTokenFile { get; init; }
    public string? TokenPrivateKeyFile { get; init; }
}

public sealed record StripeSettings
{
    public string? ApiKey { get; init; }
    public string? WebhookSecret { get; init; }
    public string? ApiBase { get; init; }
}

public sealed record MailSettings
{
    public string? Host { get; init; }
    public int Port { get; init; } = 587;
    public string? User { get; init; }
    public string? Password { get; init; }

    /// <summary>The sender: an address, with or without a name. Without one, <see cref="Brand"/> is the name.</summary>
    public string? From { get; init; }

    /// <summary>Where answers go; null for the sender.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>The name above every email.</summary>
    public string Brand { get; init; } = MailBrand.Default.Name;

    /// <summary>The line below every email, for example the company and its address; null for none.</summary>
    public string? Footer { get; init; }

    /// <summary><c>StartTls</c> (required, not hoped for), <c>Tls</c> from the first byte, or <c>None</c>.</summary>
    public string Security { get; init; } = "StartTls";
}

public sealed record BillingSection
{
    /// <summary>How often Stripe is asked about what its events may have left out.</summary>
    public int ReconcileSeconds { get; init; } = 600;

    public DunningSection Dunning { get; init; } = new();
}

public sealed record ConnectorsSection
{
    /// <summary>A folder with connector guides of the operator's own; null for none.</summary>
    public string? GuidesFolder { get; init; }
}

/// <summary>What happens when about an overdue invoice, in days after its first failed charge or its due date.</summary>
public sealed record DunningSection
{
    public bool Enabled { get; init; } = true;

    /// <summary>Separated by commas; empty for none.</summary>
    public string ReminderDays { get; init; } = "0, 3, 10, 21";

    /// <summary>0 leaves the step out, and so for the other two.</summary>
    public int RestrictAfterDays { get; init; } = 7;

    public int BlockPublishingAfterDays { get; init; } = 14;
    public int SuspendAfterDays { get; init; } = 30;
}

public sealed record MeteringSettings
{
    public int IntervalSeconds { get; init; } = 60;

    /// <summary>How long samples are kept as they were written; then those of an hour are merged.</summary>
    public int KeepSamplesDays { get; init; } = 7;

    /// <summary>How long hours with their merged samples are kept; 0 = for ever.</summary>
    public int KeepHoursDays { get; init; } = 3660;

    /// <summary>0 = for ever.</summary>
    public int KeepGapsDays { get; init; } = 400;
}

public sealed record SignInSettings
{
    /// <summary>For how long a proof of identity is fresh.</summary>
    public int ConfirmAfterMinutes { get; init; } = 15;

    /// <summary>A sign-in ends after so long without a visit: two weeks.</summary>
    public int EndAfterIdleMinutes { get; init; } = 14 * 24 * 60;

    /// <summary>A sign-in ends after so long in any case: thirty days.</summary>
    public int EndAfterMinutes { get; init; } = 30 * 24 * 60;

    public IReadOnlyList<SignInProviderSettings> Providers { get; init; } = [];

    /// <summary>Lets organizations name providers in private networks; in Development they always may.</summary>
    public bool AllowPrivateProviders { get; init; }
}

public sealed record SignInProviderSettings
{
    public string? Name { get; init; }
    public string? Authority { get; init; }
    public string? ClientId { get; init; }
    public string? ClientSecret { get; init; }
}

/// <summary>
/// What passwords are mixed with before they are hashed. Each is 32 random bytes in base64; a file may hold the bytes themselves.
/// </summary>
public sealed record PasswordSettings
{
    public string? Pepper { get; init; }
    public string? PepperFile { get; init; }

    /// <summary>What hashes were made with before: they are made anew when their people sign in.</summary>
    public IReadOnlyList<string> OlderPeppers { get; init; } = [];

    public IReadOnlyList<string> OlderPepperFiles { get; init; } = [];
}

public sealed record OperatorSettings
{
    /// <summary>
    /// The console and the operator API open to sign-ins that passed a second factor, and to keys of accounts that have one.
    /// </summary>
    public bool RequireSecondFactor { get; init; }
}

public sealed record MigrationSettings
{
    /// <summary>Lets organizations connect to Kafka clusters in private networks; in Development they always may.</summary>
    public bool AllowPrivateHosts { get; init; }

    /// <summary>Processes that talk to customers' Kafka clusters, of this replica at once: one for each connection in use.</summary>
    public int KafkaProcesses { get; init; } = 16;

    /// <summary>What each of them may take; it is ended when it takes more.</summary>
    public int KafkaMemoryMegabytes { get; init; } = 512;
}

/// <summary>The portal's own OpenID Connect provider.</summary>
public sealed record OpenIdSettings
{
    /// <summary>The age at which signing and encryption keys get successors.</summary>
    public int KeyRotationDays { get; init; } = 90;

    public int AccessTokenMinutes { get; init; } = 15;
}

public sealed record FirstRunSettings
{
    public string? Email { get; init; }
    public string? Password { get; init; }
    public string? ApiKey { get; init; }
}

/// <summary>The sample company.</summary>
public sealed record SampleSection
{
    /// <summary>Made together with the operator's account, without asking.</summary>
    public bool OnFirstRun { get; init; }
}

/// <summary>How many days the rows of audit logs are kept; 0 for ever.</summary>
public sealed record AuditSettings
{
    public int RetentionDays { get; init; } = 400;
}

/// <summary>Whether people who aren't signed in see the clusters, and the incidents that are marked as public.</summary>
public sealed record StatusPageSettings
{
    public bool Public { get; init; }
}

/// <summary>What one sender may ask for. Per replica.</summary>
public sealed record LimitSettings
{
    public int ApiRequestsPerSecond { get; init; } = 100;
    public int ApiBurst { get; init; } = 1000;
    public int SignInsPerMinuteAndAccount { get; init; } = 10;
    public int SignInsPerMinuteAndAddress { get; init; } = 60;

    /// <summary>Open at once through the gateway.</summary>
    public int WebSocketSessionsPerKey { get; init; } = 500;

    /// <summary>Open at once, of one account, or of one address without one.</summary>
    public int OpenPagesPerVisitor { get; init; } = 200;

    /// <summary>Pages without a connection that may come back, of one account, or of one address that is not signed in.</summary>
    public int LeftPagesPerVisitor { get; init; } = 20;

    /// <summary>Organizations on the Free plan that one account may own.</summary>
    public int FreeOrganizationsPerAccount { get; init; } = 10;
}

/// <summary>Invitations: how long they are good for, and how many mails they may cause in 24 hours.</summary>
public sealed record MemberSettings
{
    public int InvitationDays { get; init; } = 7;
    public int InvitationsPerDay { get; init; } = 50;

    /// <summary>To one address, from all organizations together.</summary>
    public int InvitationsPerDayAndAddress { get; init; } = 10;
}

/// <summary>
/// Ports of the stand-ins. Unset: 5081 and 5082, else the next free ones, remembered. 0: any free one. Else exactly that one.
/// </summary>
public sealed record StandInSettings
{
    public int? PulsarPort { get; init; }
    public int? StripePort { get; init; }
}
