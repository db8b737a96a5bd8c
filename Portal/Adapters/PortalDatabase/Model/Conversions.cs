using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Portal.Domain.Access;
using Portal.Domain.Billing;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Desired;
using Portal.Domain.Migration;
using Portal.Domain.Notices;
using Portal.Domain.OpenId;
using Portal.Domain.Usage;
using Portal.Domain.Work;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>
/// How types of the domain are kept, the same in both databases:
/// instants as whole microseconds since 1970 (SQLite neither sorts nor compares <see cref="DateTimeOffset"/>),
/// ids as UUIDs (upper-case text in SQLite), cases as their names in camel case (readable in SQL, safe when cases move),
/// decimals exact: text in SQLite, numeric in PostgreSQL (EF Core's own choice). A scaled integer would overflow: a terabyte kept for a
/// month is 8e14 byte-hours, which with six decimals does not fit 64 bits.
/// </summary>
internal static class Conversions
{
    internal static void Apply(ModelConfigurationBuilder builder)
    {
        builder.Properties<DateTimeOffset>().HaveConversion<InstantConverter>();

        builder.Properties<AccountId>().HaveConversion<AccountIdConverter>();
        builder.Properties<OrganizationId>().HaveConversion<OrganizationIdConverter>();
        builder.Properties<TenantId>().HaveConversion<TenantIdConverter>();
        builder.Properties<NamespaceId>().HaveConversion<NamespaceIdConverter>();
        builder.Properties<TopicId>().HaveConversion<TopicIdConverter>();
        builder.Properties<ConnectorId>().HaveConversion<ConnectorIdConverter>();
        builder.Properties<PackageId>().HaveConversion<PackageIdConverter>();
        builder.Properties<MigrationId>().HaveConversion<MigrationIdConverter>();
        builder.Properties<CopyId>().HaveConversion<CopyIdConverter>();
        builder.Properties<KeyId>().HaveConversion<KeyIdConverter>();
        builder.Properties<ApiKeyId>().HaveConversion<ApiKeyIdConverter>();
        builder.Properties<InvitationId>().HaveConversion<InvitationIdConverter>();
        builder.Properties<ViewAsId>().HaveConversion<ViewAsIdConverter>();
        builder.Properties<SessionId>().HaveConversion<SessionIdConverter>();
        builder.Properties<InvoiceId>().HaveConversion<InvoiceIdConverter>();
        builder.Properties<PriceBookId>().HaveConversion<PriceBookIdConverter>();
        builder.Properties<CreditId>().HaveConversion<CreditIdConverter>();
        builder.Properties<CreditNoteId>().HaveConversion<CreditNoteIdConverter>();
        builder.Properties<PromotionCodeId>().HaveConversion<PromotionCodeIdConverter>();
        builder.Properties<IncidentId>().HaveConversion<IncidentIdConverter>();
        builder.Properties<OperatorNoteId>().HaveConversion<OperatorNoteIdConverter>();
        builder.Properties<NoticeId>().HaveConversion<NoticeIdConverter>();
        builder.Properties<WorkId>().HaveConversion<WorkIdConverter>();
        builder.Properties<OidcClientId>().HaveConversion<OidcClientIdConverter>();
        builder.Properties<OidcKeyId>().HaveConversion<OidcKeyIdConverter>();

        Cases<AuditOutcome>();
        Cases<Role>();
        Cases<SignInMethod>();
        Cases<OrganizationState>();
        Cases<Publishing>();
        Cases<Arrears>();
        Cases<AdjustmentKind>();
        Cases<CreditKind>();
        Cases<CreditMove>();
        Cases<PayBy>();
        Cases<PlanCode>();
        Cases<ResourceState>();
        Cases<ClusterState>();
        Cases<DifferenceKind>();
        Cases<WorkState>();
        Cases<WorkWish>();
        Cases<WorkPriority>();
        Cases<InvoiceStatus>();
        Cases<InvoiceStage>();
        Cases<CreditNoteState>();
        Cases<CreditNoteWay>();
        Cases<RefundState>();
        Cases<TaxMode>();
        Cases<UnknownLocation>();
        Cases<TaxExemption>();
        Cases<InvoiceTaxState>();
        Cases<TaxIdState>();
        Cases<TaxIdVerification>();
        Cases<Meter>();
        Cases<OidcKeyUse>();
        Cases<ConnectorKind>();
        Cases<ConnectorWish>();
        Cases<Guarantee>();
        Cases<PackageRuntime>();
        Cases<Isolation>();
        Cases<CopyWish>();
        Cases<CopyState>();
        Cases<ProofState>();
        Cases<Tombstones>();
        Cases<TooLarge>();
        Cases<KafkaSecurity>();
        Cases<MigrationStage>();
        Cases<MappingSource>();
        Cases<StayReason>();
        Cases<NoticeKind>();
        Cases<Permission>();

        void Cases<TEnum>()
            where TEnum : struct, Enum => builder.Properties<TEnum>().HaveConversion<CaseConverter<TEnum>>().HaveMaxLength(40);
    }

    private sealed class InstantConverter()
        : ValueConverter<DateTimeOffset, long>(
            instant => instant.ToUnixMicroseconds(),
            microseconds => Clock.FromUnixMicroseconds(microseconds)
        );

    private sealed class AccountIdConverter() : ValueConverter<AccountId, Guid>(id => id.Value, value => new(value));

    private sealed class OrganizationIdConverter() : ValueConverter<OrganizationId, Guid>(id => id.Value, value => new(value));

    private sealed class TenantIdConverter() : ValueConverter<TenantId, Guid>(id => id.Value, value => new(value));

    private sealed class NamespaceIdConverter() : ValueConverter<NamespaceId, Guid>(id => id.Value, value => new(value));

    private sealed class TopicIdConverter() : ValueConverter<TopicId, Guid>(id => id.Value, value => new(value));

    private sealed class ConnectorIdConverter() : ValueConverter<ConnectorId, Guid>(id => id.Value, value => new(value));

    private sealed class PackageIdConverter() : ValueConverter<PackageId, Guid>(id => id.Value, value => new(value));

    private sealed class MigrationIdConverter() : ValueConverter<MigrationId, Guid>(id => id.Value, value => new(value));

    private sealed class CopyIdConverter() : ValueConverter<CopyId, Guid>(id => id.Value, value => new(value));

    private sealed class KeyIdConverter() : ValueConverter<KeyId, Guid>(id => id.Value, value => new(value));

    private sealed class ApiKeyIdConverter() : ValueConverter<ApiKeyId, Guid>(id => id.Value, value => new(value));

    private sealed class InvitationIdConverter() : ValueConverter<InvitationId, Guid>(id => id.Value, value => new(value));

    private sealed class ViewAsIdConverter() : ValueConverter<ViewAsId, Guid>(id => id.Value, value => new(value));

    private sealed class SessionIdConverter() : ValueConverter<SessionId, Guid>(id => id.Value, value => new(value));

    private sealed class InvoiceIdConverter() : ValueConverter<InvoiceId, Guid>(id => id.Value, value => new(value));

    private sealed class CreditIdConverter() : ValueConverter<CreditId, Guid>(id => id.Value, value => new(value));

    private sealed class CreditNoteIdConverter() : ValueConverter<CreditNoteId, Guid>(id => id.Value, value => new(value));

    private sealed class PromotionCodeIdConverter() : ValueConverter<PromotionCodeId, Guid>(id => id.Value, value => new(value));

    private sealed class PriceBookIdConverter() : ValueConverter<PriceBookId, Guid>(id => id.Value, value => new(value));

    private sealed class OperatorNoteIdConverter() : ValueConverter<OperatorNoteId, Guid>(id => id.Value, value => new(value));

    private sealed class IncidentIdConverter() : ValueConverter<IncidentId, Guid>(id => id.Value, value => new(value));

    private sealed class NoticeIdConverter() : ValueConverter<NoticeId, Guid>(id => id.Value, value => new(value));

    private sealed class WorkIdConverter() : ValueConverter<WorkId, Guid>(id => id.Value, value => new(value));

    private sealed class OidcClientIdConverter() : ValueConverter<OidcClientId, Guid>(id => id.Value, value => new(value));

    private sealed class OidcKeyIdConverter() : ValueConverter<OidcKeyId, Guid>(id => id.Value, value => new(value));

    internal sealed class CaseConverter<TEnum>() : ValueConverter<TEnum, string>(value => Write(value), text => Read(text))
        where TEnum : struct, Enum
    {
        private static string Write(TEnum value) =>
            Enum.GetName(value) is { } name
                ? char.ToLowerInvariant(name[0]) + name[1..]
                : throw new InvalidOperationException($"{typeof(TEnum).Name} has no case {value}.");

        private static TEnum Read(string text) => Enum.Parse<TEnum>(text, ignoreCase: true);
    }
}
