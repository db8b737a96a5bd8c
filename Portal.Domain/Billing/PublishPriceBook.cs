using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>The operator publishes prices. They may hold from the past, as far back as no issued invoice covers.</summary>
public sealed class PublishPriceBook(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    /// <param name="document">The price book's JSON.</param>
    /// <param name="metersMayBecomeFree">The consent to leave out meters that the list in force when this one starts has a price
    /// for.</param>
    public async Task<Outcome<PriceBookRecord>> RunAsync(
        Actor actor,
        string document,
        bool metersMayBecomeFree,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.OperatePlatform, "price-book.publish", "");
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        if (!PriceBook.Parse(document).TryGet(out var book, out var problem))
            return problem;
        operation = new(
            Permission.OperatePlatform,
            "price-book.publish",
            book.Version,
            new Dictionary<string, string> { ["startsAt"] = Instants.Text(book.StartsAt) }
        );
        return await database.WriteAsync<PriceBookRecord>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await RefuseAsync(session, book, cancellationToken) is { } refusal)
                    return refusal;
                var replaces = Tariff.Of(await session.PriceBooks.AllAsync(cancellationToken), []).BookAt(book.StartsAt)?.Prices;
                if (!metersMayBecomeFree && PreviewPriceBook.BecomeFree(replaces, book) is { Count: > 0 } free)
                    return new Problem.Conflict(
                        "price-book-frees-meters",
                        $"This list has no price for {string.Join(", ", free.Select(meter => meter.Text()))}, which "
                            + $"'{replaces!.Version}' charges for. Add a price, or confirm that these meters become free.",
                        "meters"
                    );
                return Add(session, book, actor.Name, clock);
            },
            cancellationToken
        );
    }

    /// <summary>Why the list cannot be published whatever the operator consents to; null when it can.</summary>
    internal static async Task<Problem?> RefuseAsync(IPortalSession session, PriceBook book, CancellationToken cancellationToken)
    {
        if (book.TooDear() is { } tooDear)
            return tooDear;
        if (await session.PriceBooks.VersionExistsAsync(book.Version, cancellationToken))
            return new Problem.Conflict(
                "price-book-exists",
                $"A price list '{book.Version}' was published before, and a published one never changes. Give this one another version.",
                "version"
            );
        return await session.Invoices.CoveredToAsync(cancellationToken) is { } covered && book.StartsAt < covered
            ? new Problem.Invalid(
                "price-book-too-early",
                $"Invoices were issued for time up to {Instants.Text(covered)}. Let these prices start then or later.",
                "startsAt"
            )
            : null;
    }

    internal static PriceBookRecord Add(IPortalSession session, PriceBook book, string publishedBy, TimeProvider clock)
    {
        var record = new PriceBookRecord(
            new PriceBookId(clock.NewUuid()),
            book.Version,
            book.Currency,
            book.StartsAt,
            clock.Now(),
            publishedBy,
            book.ToJson()
        );
        session.PriceBooks.Add(record);
        return record;
    }
}

/// <summary>Publishes the shipped price book where there is none yet: at the first start.</summary>
public sealed class EnsureShippedPriceBook(IPortalDatabase database, TimeProvider clock)
{
    /// <summary>True when it was published now.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        if ((await database.ReadAsync(session => session.PriceBooks.AllAsync(cancellationToken), cancellationToken)).Count > 0)
            return false;
        var book = PriceBook.Parse(PriceBook.ShippedDocument).Value;
        var worker = Actor.Worker("price-books");
        var written = await database.WriteAsync<bool>(
            worker,
            null,
            new Operation(Permission.OperatePlatform, "price-book.publish", book.Version),
            async session =>
            {
                if ((await session.PriceBooks.AllAsync(cancellationToken)).Count > 0)
                    return new Problem.Conflict("price-book-exists", "Another replica published the shipped price book.");
                PublishPriceBook.Add(session, book, worker.Name, clock);
                return true;
            },
            cancellationToken
        );
        return written.IsOk;
    }
}

/// <summary>A published price book, with whether it is in force in this hour, and whether it has not started yet.</summary>
public sealed record PriceBookView(PriceBookRecord Record, PriceBook Prices, bool IsInForce, bool IsScheduled);

/// <summary>All price books, newest start first: the operator's page.</summary>
public sealed class ListPriceBooks(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<IReadOnlyList<PriceBookView>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new Operation(Permission.OperatePlatform, "price-book.list", ""), cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        var records = await database.ReadAsync(session => session.PriceBooks.AllAsync(cancellationToken), cancellationToken);
        var inForce = Tariff.Of(records, []).BookAt(clock.Now());
        return Outcome.Of<IReadOnlyList<PriceBookView>>([
            .. records
                .Reverse()
                .Select(record => new PriceBookView(
                    record,
                    PriceBook.Parse(record.Document).Value,
                    record.Id == inForce?.Id,
                    WithdrawPriceBook.IsScheduled(record, clock.Now())
                )),
        ]);
    }
}

/// <summary>The prices in force now; for everybody: the landing page and the price panels read them.</summary>
public sealed class GetPrices(IPortalDatabase database, TimeProvider clock)
{
    /// <summary>Null before the first book starts.</summary>
    public async Task<PriceBook?> RunAsync(CancellationToken cancellationToken)
    {
        var records = await database.ReadAsync(session => session.PriceBooks.AllAsync(cancellationToken), cancellationToken);
        return Tariff.Of(records, []).BookAt(clock.Now())?.Prices;
    }
}
