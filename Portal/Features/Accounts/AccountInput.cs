namespace Portal.Features.Accounts;

/// <summary>What the forms of the account pages send; each uses some of it.</summary>
public sealed class AccountInput
{
    public string? Email { get; set; }
    public string? Password { get; set; }
    public string? Current { get; set; }
    public string? Code { get; set; }
    public string? Token { get; set; }
    public string? Proof { get; set; }
    public bool Keep { get; set; }
    public bool Sample { get; set; }
}
