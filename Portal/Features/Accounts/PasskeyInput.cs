namespace Portal.Features.Accounts;

/// <summary>What the forms about passkeys send; each uses some of it.</summary>
public sealed class PasskeyInput
{
    /// <summary>The authenticator's answer, JSON.</summary>
    public string? Credential { get; set; }

    public string? Name { get; set; }
    public string? Id { get; set; }
}
