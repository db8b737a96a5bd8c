namespace Portal.Domain.Access;

/// <summary>For how long a proof of identity is fresh: <c>Portal:SignIn:ConfirmAfterMinutes</c>.</summary>
public sealed record ProofRule
{
    public TimeSpan FreshFor { get; init; } = TimeSpan.FromMinutes(15);
}
