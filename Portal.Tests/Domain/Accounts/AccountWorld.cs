using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Accounts;

/// <summary>The account use cases over memory, a clock that stands, and hashes that are counted instead of computed.</summary>
internal sealed class AccountWorld
    : IPasswords,
        IAttemptLimiter,
        IPasswordStrength,
        IBreachedPasswords,
        IAccountLinkSeal,
        ISecretSeal,
        IPublicAddress
{
    public const string Password = "violet tractor seldom hums";

    private readonly Dictionary<string, AccountLink> _links = [];

    public AccountWorld() => Guard = new(Portal, Portal, Clock);

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 23, 15, 0, 0, TimeSpan.Zero));
    public MemoryPortal Portal { get; } = new();
    public AccessGuard Guard { get; }
    public Actor Visitor { get; } = Actor.Anonymous with { Address = "192.0.2.7" };

    /// <summary>Password hashes made or checked: what costs.</summary>
    public int Hashes { get; private set; }

    public Uri Url { get; } = new("https://portal.example.com");
    public PasswordRules Rules => new(this, this);
    public AccountLinks Links => new(this, this, Clock);
    public SignIn SignIn => new(Portal, this, this, Clock);
    public SignUp SignUp => new(this, Rules, Links, this, Portal, this, Clock);
    public VerifyEmail Verify => new(Links, this, this, Portal, Clock);
    public ResetPassword ResetPassword => new(this, Rules, Links, this, Portal, this, Clock);
    public RequestPasswordReset RequestReset => new(Links, this, Portal);
    public ResendVerification Resend => new(Links, this, Portal);
    public ChangePassword ChangePassword => new(this, Rules, this, Guard, Portal, this, Clock);
    public CodeCheck Codes => new(this, Clock);
    public FinishSignIn FinishSignIn => new(Portal, Codes, this, this, Clock);
    public ConfirmIdentity ConfirmIdentity => new(Guard, Portal, this, Codes, this, Clock);
    public BeginTotp BeginTotp => new(Guard, Portal, this);
    public ConfirmTotp ConfirmTotp => new(Guard, Portal, this, this, this, Clock);
    public DisableTotp DisableTotp => new(Guard, Portal, this, Clock);
    public RenewRecoveryCodes RenewRecoveryCodes => new(Guard, Portal, this, Clock);

    /// <summary>A verified account, made the way people make one.</summary>
    public async Task<Account> AccountAsync(string email)
    {
        Assert.True((await SignUp.RunAsync(Visitor, email, Password, null, CancellationToken.None)).IsOk);
        return (await Verify.RunAsync(Visitor, TokenOfLastMail(), Password, null, null, CancellationToken.None)).Value.Account;
    }

    public async Task<Actor> SignedInAsync(string email)
    {
        var step = (SignInStep.Done)(await SignIn.RunAsync(Visitor, email, Password, "Firefox/140", CancellationToken.None)).Value;
        var (account, session, _) = step.SignedIn;
        return Visitor with { AccountId = account.Id, Name = account.Email, Session = session, ProvedHere = true };
    }

    public string TokenOfLastMail() => Uri.UnescapeDataString(Portal.People.Mails[^1].ActionUrl!.Query.Split("token=")[1]);

    /// <summary>What hashes begin with.</summary>
    public string Salt { get; set; } = "";

    /// <summary>Hashes that a sign-in makes anew.</summary>
    public Predicate<string> IsOld { get; set; } = _ => false;

    public bool IsOutdated(string hash) => IsOld(hash);

    public Task<string> HashAsync(Actor by, string password, CancellationToken cancellationToken)
    {
        Hashes++;
        return Task.FromResult($"{Salt}hash of {password}");
    }

    public Task<bool> VerifyAsync(Actor by, string? hash, string password, CancellationToken cancellationToken)
    {
        Hashes++;
        return Task.FromResult(hash?.EndsWith($"hash of {password}", StringComparison.Ordinal) == true);
    }

    public TimeSpan? Refuse(Actor actor, Attempt attempt, string? account) => null;

    /// <summary>Sign-ins whose password did not match.</summary>
    public List<string> WrongPasswords { get; } = [];

    public void Failed(Actor actor, string account) => WrongPasswords.Add(account);

    public bool Contains(string password) => false;

    public int Score(string password, IEnumerable<string> knownWords) => 4;

    public string Seal(string purpose, string secret) => $"{purpose}\n{secret}";

    public string? Open(string purpose, string sealedSecret) =>
        sealedSecret.Split('\n') is [var kept, var secret] && kept == purpose ? secret : null;

    public string Seal(AccountLink link)
    {
        var token = $"token {_links.Count}";
        _links.Add(token, link);
        return token;
    }

    public AccountLink? Open(string token) => _links.GetValueOrDefault(token);
}
