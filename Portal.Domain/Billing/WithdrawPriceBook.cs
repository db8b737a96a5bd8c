using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Billing;

/// <summary>The operator takes back a price list that has not started. One that has is part of bills, and stays.</summary>
public sealed class WithdrawPriceBook(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, string version, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "price-book.withdraw", Operation.Brief(version));
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.PriceBooks.FindAsync(version, cancellationToken) is not { } book)
                    return new Problem.NotFound(
                        "price-book-not-found",
                        $"There is no price list '{Operation.Brief(version)}'. It may have been withdrawn already."
                    );
                if (!IsScheduled(book, clock.Now()))
                    return new Problem.Conflict(
                        "price-book-started",
                        $"Price list '{book.Version}' took effect on {Instants.Text(book.StartsAt)}, and usage since then is "
                            + "priced by it. Publish a new list with the prices you want instead."
                    );
                session.PriceBooks.Remove(book);
                return Outcome.Done;
            },
            cancellationToken
        );
    }

    internal static bool IsScheduled(PriceBookRecord book, DateTimeOffset now) => book.StartsAt > now;
}
