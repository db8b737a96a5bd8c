using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Billing;
using Portal.Domain.Connectors;
using Portal.Domain.Credentials;
using Portal.Domain.Mails;
using Portal.Domain.Migration;
using Portal.Domain.Organizations;
using Portal.Domain.Sample;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Usage;

namespace Portal.Hosting;

/// <summary>
/// Registers what the domain offers: every sealed class with a <c>RunAsync</c> is a use case. A use case holds no state,
/// so one instance of each serves all.
/// </summary>
public static class UseCases
{
    /// <summary>Every kind of email, in the order of the operator's list.</summary>
    internal static MailLibrary Library { get; } =
        new([
            .. AccountMails.Templates,
            .. MemberMails.Templates,
            .. InvoiceMails.Templates,
            .. CreditNoteMails.Templates,
            .. DunningMails.Templates,
            .. BudgetMails.Templates,
            .. KeyMails.Templates,
        ]);

    public static IServiceCollection AddUseCases(this IServiceCollection services)
    {
        foreach (var type in typeof(AccessGuard).Assembly.GetTypes())
        {
            if (!type.IsClass || !type.IsSealed || !type.IsPublic || type.IsAbstract)
                continue;
            if (type.GetMethods(BindingFlags.Public | BindingFlags.Instance).All(method => method.Name != "RunAsync"))
                continue;
            services.TryAddSingleton(type);
        }
        services.TryAddSingleton(Library);
        services.TryAddSingleton(MailBrand.Default);
        services.TryAddSingleton<AccessGuard>();
        services.TryAddSingleton<TopicsInUse>();
        services.TryAddSingleton<TopicLooks>();
        services.TryAddSingleton<TopicFollows>();
        services.TryAddSingleton<MetricLooks>();
        services.TryAddSingleton<AnalysesUnderWay>();
        services.TryAddSingleton<SchemaCache>();
        services.TryAddSingleton<ConnectionTrials>();
        services.TryAddSingleton<OpenCopies>();
        services.TryAddSingleton<CopyPace>();
        services.TryAddSingleton(ProofSettings.Default);
        services.TryAddSingleton<PlanFit>();
        services.TryAddSingleton<NamespaceWishing>();
        services.TryAddSingleton<SampleSetup>();
        services.TryAddSingleton<SampleClients>();
        services.TryAddSingleton<SampleUsage>();
        services.TryAddSingleton<SampleInvoices>();
        services.TryAddSingleton<TopicsOfNamespaces>();
        services.TryAddSingleton<INamespaceContents, ConnectorsOfNamespaces>();
        services.TryAddSingleton<ITopicKeys, KeysOfTopics>();
        services.TryAddSingleton<IMigrationSources, MigrationSources>();
        return services;
    }
}
