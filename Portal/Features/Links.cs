using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Plans;

namespace Portal.Features;

/// <summary>
/// Addresses of pages (product.md, Addresses), relative to the base so that a portal below a path works. Names are escaped.
/// </summary>
public static class Links
{
    public const string OperatorConsole = "operator/organizations";

    public const string OperatorSetup = "operator/setup";

    public const string NewOrganization = "organizations/new";

    public static string Organization(string org) => $"o/{E(org)}";

    /// <summary>To an organization that another sign-in opens.</summary>
    public static string SignInFor(string org) => $"sign-in?returnUrl={Uri.EscapeDataString($"/{Organization(org)}")}";

    /// <param name="kind">source, sink or function.</param>
    public static string OperatedConnector(string cluster, string kind, string type) =>
        $"operator/clusters/{E(cluster)}/connectors/{kind}/{E(type)}";

    public static string Tenants(string org) => $"{Organization(org)}/tenants";

    public static string NewTenant(string org) => $"{Tenants(org)}/new";

    public static string Tenant(string org, string tenant, string? tab = null) =>
        $"{Tenants(org)}/{E(tenant)}" + (tab is null ? "" : $"?tab={tab}");

    /// <param name="topics">The list of its topics instead of its policies.</param>
    public static string Namespace(string org, string tenant, string @namespace, bool topics = false) =>
        topics ? $"{Tenant(org, tenant)}?namespace={E(@namespace)}" : $"{Tenant(org, tenant)}/{E(@namespace)}";

    public static string NewTopic(string org, string tenant, string? @namespace = null) =>
        $"{Tenant(org, tenant)}/topics/new" + (@namespace is null ? "" : $"?namespace={E(@namespace)}");

    public static string Topic(string org, string tenant, string @namespace, string topic, string? tab = null) =>
        $"{Tenant(org, tenant)}/{E(@namespace)}/{E(topic)}" + (tab is null ? "" : $"?tab={tab}");

    /// <param name="topic">The one that it is cut to at first, with its namespace; null for all.</param>
    public static string NewKey(string org, string tenant, string? @namespace = null, string? topic = null) =>
        $"{Tenant(org, tenant)}/keys/new" + (@namespace is null || topic is null ? "" : $"?namespace={E(@namespace)}&topic={E(topic)}");

    public static string Connectors(string org, string tenant) => $"{Tenant(org, tenant)}/connectors";

    /// <param name="type">The chosen one, such as <c>sink:http-post</c>; null for the catalog.</param>
    public static string NewConnector(string org, string tenant, string? type = null) =>
        $"{Connectors(org, tenant)}/new" + (type is null ? "" : $"?type={E(type)}");

    public static string Connector(string org, string tenant, string @namespace, string name) =>
        $"{Connectors(org, tenant)}/{E(@namespace)}/{E(name)}";

    public static string Packages(string org, string tenant) => $"{Tenant(org, tenant)}/packages";

    public static string Package(string org, string tenant, string @namespace, string name) =>
        $"{Packages(org, tenant)}/{E(@namespace)}/{E(name)}";

    public static string Migrations(string org) => $"{Organization(org)}/migrations";

    /// <param name="tenant">Where it is to lead; null to choose.</param>
    public static string NewMigration(string org, string? tenant = null) =>
        $"{Migrations(org)}/new" + (tenant is null ? "" : $"?tenant={E(tenant)}");

    public static string Migration(string org, MigrationId migration, string? tab = null) =>
        $"{Migrations(org)}/{migration}" + (tab is null ? "" : $"?tab={tab}");

    public static string RecordApi(string org, MigrationId migration) => $"api/v1/organizations/{E(org)}/migrations/{migration}/record";

    public static string DryRunApi(string org, MigrationId migration, long bytesPerSecond) =>
        $"api/v1/organizations/{E(org)}/migrations/{migration}/dry-run?bytesPerSecond={bytesPerSecond}";

    /// <summary>A subscription may be called anything: its name is a parameter, where no part of it is folded away.</summary>
    public static string Subscription(string org, string tenant, string @namespace, string topic, string subscription) =>
        $"{Topic(org, tenant, @namespace, topic, "subscriptions")}&subscription={E(subscription)}";

    /// <param name="version">Null for the newest.</param>
    /// <param name="with">The version it is compared with; null for none.</param>
    public static string Schema(string org, string tenant, string @namespace, string topic, long? version, long? with) =>
        Topic(org, tenant, @namespace, topic, "schema")
        + (version is { } shown ? $"&version={shown}" : "")
        + (with is { } other ? $"&with={other}" : "");

    public static string Billing(string org) => $"{Organization(org)}/billing";

    public static string WhatIf(string org) => $"{Billing(org)}/what-if";

    public static string Credits(string org) => $"{Billing(org)}/credits";

    /// <summary>What the operator sees of an organization.</summary>
    public static string Customer(string org) => $"operator/organizations/{E(org)}";

    public static string CustomerCredits(string org) => $"operator/organizations/{E(org)}/credits";

    public static string CustomerWhatIf(string org) => $"{Customer(org)}/what-if";

    public static string CustomerInvoices(string org) => $"operator/organizations/{E(org)}/invoices";

    public static string CustomerInvoice(string number) => $"operator/invoices/{E(number)}";

    public static string InvoiceCsv(string org, string number) => $"{Invoice(org, number)}/csv";

    public static string Invoice(string org, string number) => $"{Billing(org)}/invoices/{E(number)}";

    /// <summary>Keys and snippets for one topic.</summary>
    public static string KeysOf(string org, string tenant, string @namespace, string topic) =>
        $"{Tenant(org, tenant, "connect")}&topic={E($"{@namespace}/{topic}")}";

    public static string UsageOf(string org, TopicId topic) => $"{Usage(org)}?topic={topic}";

    public static string Usage(string org) => $"{Organization(org)}/usage";

    public static string Settings(string org, string page = "general") => $"{Organization(org)}/settings/{page}";

    public static string OperatorPlan(PlanCode plan) => $"operator/plans?plan={Plan.Text(plan)}";

    public static string AuditApi(string org) => $"api/v1/organizations/{E(org)}/audit";

    public const string PlatformAuditApi = "api/v1/operator/audit";

    private static string E(string segment) => Uri.EscapeDataString(segment);
}
