using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Accounts;

/// <summary>Whether running the platform takes a second factor: <c>Portal:Operators:RequireSecondFactor</c>.</summary>
public sealed record OperatorRule
{
    public bool RequiresSecondFactor { get; init; }
}

/// <summary>
/// Whether an operator's credential lacks the second factor that the installation asks for; such an actor is no operator
/// (<see cref="Actor.NeedsSecondFactor"/>). A browser's sign-in has to have passed one itself. Scripts can't, so the account that
/// they act as has to have one: their keys were made by somebody who had passed it.
/// </summary>
public sealed class OperatorFactor(OperatorRule rule, IPortalDatabase database)
{
    /// <summary>What a provider outside asked for, nobody here knows.</summary>
    public bool IsMissing(LiveSession session) =>
        rule.RequiresSecondFactor && session.Account.IsOperator && session.Method is SignInMethod.Password or SignInMethod.External;

    public async Task<bool> IsMissingAsync(Account account, CancellationToken cancellationToken) =>
        rule.RequiresSecondFactor
        && account.IsOperator
        && !await database.ReadAsync(
            async session =>
                await session.Accounts.FindAsync(account.Id, cancellationToken) is { Totp: not null }
                || (await session.Passkeys.ListAsync(account.Id, cancellationToken)).Count > 0,
            cancellationToken
        );
}
