using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>A published price book as it is kept: the document itself, and when it holds from.</summary>
public sealed class PriceBookRecord
{
    private PriceBookRecord() { }

    public PriceBookRecord(
        PriceBookId id,
        string version,
        Currency currency,
        DateTimeOffset startsAt,
        DateTimeOffset publishedAt,
        string publishedBy,
        string document
    ) =>
        (Id, Version, CurrencyCode, StartsAt, PublishedAt, PublishedBy, Document) = (
            id,
            version,
            currency.Code,
            startsAt,
            publishedAt,
            publishedBy,
            document
        );

    public PriceBookId Id { get; private set; }

    /// <summary>Unique, chosen by the operator.</summary>
    public string Version { get; private set; } = "";

    public string CurrencyCode { get; private set; } = "";
    public DateTimeOffset StartsAt { get; private set; }
    public DateTimeOffset PublishedAt { get; private set; }
    public string PublishedBy { get; private set; } = "";

    /// <summary>The JSON document as published.</summary>
    public string Document { get; private set; } = "";
}

public interface IPriceBookStore
{
    /// <summary>All, by start, then by publication: of those that start no later than an hour the last is in force.</summary>
    Task<IReadOnlyList<PriceBookRecord>> AllAsync(CancellationToken cancellationToken);
    Task<PriceBookRecord?> FindAsync(PriceBookId id, CancellationToken cancellationToken);
    Task<PriceBookRecord?> FindAsync(string version, CancellationToken cancellationToken);
    Task<bool> VersionExistsAsync(string version, CancellationToken cancellationToken);
    void Add(PriceBookRecord book);
    void Remove(PriceBookRecord book);
}
