namespace Portal.Domain.Common;

// Identities are UUIDv7 of the portal's own; names are attributes. The ledger and Stripe's metadata use these.

public readonly record struct AccountId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct OrganizationId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct TenantId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct NamespaceId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct TopicId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct ConnectorId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>One version of a function package.</summary>
public readonly record struct PackageId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A customer's move from a Kafka cluster.</summary>
public readonly record struct MigrationId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>One partition of a Kafka topic on its way to Pulsar.</summary>
public readonly record struct CopyId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A key for a customer's Pulsar clients.</summary>
public readonly record struct KeyId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A key for the portal's own REST API.</summary>
public readonly record struct ApiKeyId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct InvitationId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>An operator's look inside an organization.</summary>
public readonly record struct ViewAsId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A sign-in of an account in one browser.</summary>
public readonly record struct SessionId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct InvoiceId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>An amount that reduces an organization's invoices.</summary>
public readonly record struct CreditId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A correction of an issued invoice.</summary>
public readonly record struct CreditNoteId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct PromotionCodeId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct PriceBookId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>What an operator tells customers about trouble with a cluster.</summary>
public readonly record struct OperatorNoteId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct IncidentId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>Something that people are told in the portal.</summary>
public readonly record struct NoticeId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A piece of durable work; a job's id at the edge.</summary>
public readonly record struct WorkId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A client of the portal's OpenID Connect provider; also its <c>client_id</c>.</summary>
public readonly record struct OidcClientId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

public readonly record struct OidcKeyId(Guid Value)
{
    public override string ToString() => Value.ToString();
}
