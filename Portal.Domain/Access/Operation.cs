namespace Portal.Domain.Access;

/// <summary>How fresh the proof must be that the person at the browser is who signed in.</summary>
public enum Proof
{
    /// <summary>The sign-in itself.</summary>
    SignIn,

    /// <summary>A fresh one of a person at a browser; scripts bring a credential with each request and are exempt.</summary>
    Fresh,

    /// <summary>A fresh one, and no script may do it at all.</summary>
    FreshByPerson,
}

/// <summary>
/// What is about to happen: checked before and recorded with the change, so that nothing is audited that was not checked
/// and nothing is allowed that was not named.
/// </summary>
/// <param name="Permission">What it needs.</param>
/// <param name="Name">Stable, for example <c>topic.create</c>.</param>
/// <param name="Subject">What it is done to, for example <c>shop/production/orders</c>; never a secret.</param>
/// <param name="Details">Further facts for the audit log; never a secret.</param>
/// <param name="Within">Where it happens: a role that does not reach there does not allow it. The whole organization unless given.</param>
public sealed record Operation(
    Permission Permission,
    string Name,
    string Subject,
    IReadOnlyDictionary<string, string>? Details = null,
    Scope? Within = null
)
{
    private const int LongestSubject = 300;

    /// <summary>Checked with the permission. Not the operation's to choose: see <see cref="ProofTable"/>.</summary>
    public Proof Proof => ProofTable.For(this);

    /// <summary>Cut to 300 characters: a refused name may be of any length.</summary>
    public string Subject { get; } = Subject.Length <= LongestSubject ? Subject : Subject[..LongestSubject] + "…";

    /// <summary>For details that somebody typed: at most 100 characters.</summary>
    internal static string Brief(string? text) =>
        text is null ? ""
        : text.Length <= 100 ? text
        : text[..100] + "…";
}
