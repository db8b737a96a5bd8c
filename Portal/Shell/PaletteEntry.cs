using Portal.Domain.Access;
using Portal.Features;
using Portal.Ui;

namespace Portal.Shell;

/// <summary>Something to jump to or to begin.</summary>
/// <param name="Below">What one would ask next, in a quieter tone.</param>
/// <param name="Go">The letter after <c>g</c> that leads there from anywhere; null for none.</param>
public sealed record PaletteEntry(string Text, string Href, IconName Icon, string? Below = null, string? Go = null)
{
    /// <summary>Not shown, found all the same.</summary>
    public string Also { get; init; } = "";

    /// <summary>Every word stands somewhere in it.</summary>
    public bool Matches(string words) =>
        words
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .All(word => $"{Text} {Below} {Also}".Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The pages that the role opens.</summary>
    /// <param name="sees">Whether the role allows it anywhere in the organization.</param>
    /// <param name="isDevelopment">Then the page of components is there.</param>
    public static IEnumerable<PaletteEntry> Pages(string? org, bool isOperator, Func<Permission, bool> sees, bool isDevelopment = false)
    {
        if (org is not null)
        {
            yield return new("Home", Links.Organization(org), IconName.Home, Go: "h") { Also = "overview dashboard" };
            if (sees(Permission.ViewResources))
            {
                yield return new("Tenants", Links.Tenants(org), IconName.Tenants, Go: "t") { Also = "topics namespaces keys connectors" };
                yield return new("Migrations", Links.Migrations(org), IconName.Migration, Go: "m") { Also = "kafka" };
            }
            yield return new("Usage", Links.Usage(org), IconName.Usage, Go: "u") { Also = "traffic metering" };
            if (sees(Permission.ViewBilling))
                yield return new("Billing", Links.Billing(org), IconName.Billing, Go: "b") { Also = "invoices plan card budget credits" };
            yield return new("Settings", Links.Settings(org), IconName.Settings, "General", "s") { Also = "rename organization close" };
            yield return new("Members", Links.Settings(org, "members"), IconName.Settings, "Settings")
            {
                Also = "people roles invitations",
            };
            if (sees(Permission.ManageOrganization))
            {
                yield return new("API keys", Links.Settings(org, "api-keys"), IconName.Settings, "Settings") { Also = "tokens scripts" };
                yield return new("Applications", Links.Settings(org, "applications"), IconName.Settings, "Settings")
                {
                    Also = "oauth openid clients",
                };
            }
            if (sees(Permission.ManageSignIn))
                yield return new("Single sign-on", Links.Settings(org, "sign-in"), IconName.SignIn, "Settings")
                {
                    Also = "sso sign-in provider",
                };
            if (sees(Permission.ViewAudit))
                yield return new("Audit log", Links.Settings(org, "audit"), IconName.Audit, "Settings");
        }
        yield return new("Notifications", "notifications", IconName.Bell) { Also = "unread failed finished alerts" };
        yield return new("Status", "status", IconName.Incidents) { Also = "incidents outages clusters" };
        yield return new("Notification settings", "account/notifications", IconName.Settings, "Account") { Also = "email preferences" };
        yield return new("My account", "account", IconName.Settings, "Account") { Also = "profile email name" };
        yield return new("Security", "account/security", IconName.SignIn, "Account") { Also = "password passkeys two-factor sessions" };
        yield return new("My API keys", "account/api-keys", IconName.Settings, "Account");
        if (!isOperator)
            yield break;
        if (isDevelopment)
            yield return new("Components", "operator/ui", IconName.Settings, "Development") { Also = "ui gallery design" };
        foreach (var (href, icon, text) in OperatorPlaces.All)
            yield return new(text, href, icon, "Platform");
    }

    /// <summary>What the person may begin from anywhere, and in the tenant that one is in.</summary>
    /// <param name="access">What they may in the organization; null offers nothing of it.</param>
    public static IEnumerable<PaletteEntry> Actions(Actor actor, string? org, string? tenant, OrganizationAccess? access)
    {
        if (org is not null && access is not null)
        {
            if (tenant is not null)
            {
                foreach (var entry in Within(org, tenant, access))
                    yield return entry;
            }
            if (access.Allows(Permission.ManageResources))
                yield return new("Create tenant", Links.NewTenant(org), IconName.Plus) { Also = "new add" };
            if (access.Allows(Permission.ManageResources, Scope.Anywhere))
                yield return new("Migrate from Kafka", Links.NewMigration(org), IconName.Plus) { Also = "new create migration" };
            if (access.Allows(Permission.ManageMembers))
                yield return new("Invite member", Links.Settings(org, "members"), IconName.Plus) { Also = "new add people" };
        }
        if (actor.Reach is null)
            yield return new("Create organization", Links.NewOrganization, IconName.Plus) { Also = "new add" };
    }

    /// <summary>What the person may begin in a tenant.</summary>
    public static IEnumerable<PaletteEntry> Within(string org, string tenant, OrganizationAccess access)
    {
        var place = new Scope(tenant);
        if (access.AllowsSomewhereIn(Permission.ManageResources, place))
            yield return new($"Create topic in {tenant}", Links.NewTopic(org, tenant), IconName.Plus) { Also = "new add" };
        if (access.AllowsSomewhereIn(Permission.ManageKeys, place))
            yield return new($"Create key for {tenant}", Links.NewKey(org, tenant), IconName.Plus) { Also = "new add token" };
        if (access.AllowsSomewhereIn(Permission.ManageResources, place))
            yield return new($"Add connector to {tenant}", Links.NewConnector(org, tenant), IconName.Plus)
            {
                Also = "new create source sink function",
            };
    }
}
