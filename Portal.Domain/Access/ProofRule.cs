namespace Portal.Domain.Access;

/// <summary>For how long a proof of identity is fresh: <c>Portal:SignIn:ConfirmAfterMinutes</c>.</summary>
public sealed record ProofRule
{
    public TimeSpan FreshFor { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>False for a sign-in that has ended.</summary>
    public bool IsFresh(AccountSession? session, DateTimeOffset now) => session is not null && now - session.ConfirmedAt < FreshFor;
}
