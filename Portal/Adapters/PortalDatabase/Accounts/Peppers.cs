using System.Security.Cryptography;
using System.Text;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>
/// Secrets of the settings that passwords are mixed with before they are hashed, so that whoever has the database alone
/// can't try passwords against it. A hash says which one it was made with: <c>pepper:{id}:{hash}</c>, and nothing for none.
/// </summary>
public sealed class Peppers
{
    internal const string Mark = "pepper:";
    private const string Purpose = "Portal.Passwords.v1";

    private readonly Dictionary<string, byte[]> _peppers;

    /// <param name="current">What passwords are hashed with from now on; null for nothing.</param>
    /// <param name="older">What hashes may have been made with before.</param>
    public Peppers(byte[]? current, params IEnumerable<byte[]> older)
    {
        _peppers = older.Concat(current is null ? [] : [current]).DistinctBy(IdOf).ToDictionary(IdOf);
        Current = current is null ? null : IdOf(current);
    }

    public static Peppers None { get; } = new(null);

    /// <summary>The id of the one that new hashes are made with; null for none.</summary>
    public string? Current { get; }

    /// <summary>What the hasher gets instead of the password.</summary>
    internal string Mix(string password) => Mix(Current, password) ?? password;

    internal string Marked(string hash) => Current is { } id ? $"{Mark}{id}:{hash}" : hash;

    /// <summary>The hasher's own part of a hash, and what it was made of; null where its pepper is set no more.</summary>
    internal (string Hash, string Mixed)? Read(string hash, string password)
    {
        if (IdIn(hash) is not { } id)
            return (hash, password);
        return Mix(id, password) is { } mixed ? (hash[(Mark.Length + id.Length + 1)..], mixed) : null;
    }

    internal bool IsOutdated(string hash) => IdIn(hash) != Current;

    /// <summary>The pepper that a hash was made with; null for none.</summary>
    internal static string? IdIn(string hash) =>
        hash.StartsWith(Mark, StringComparison.Ordinal) && hash.IndexOf(':', Mark.Length) is > 0 and var end
            ? hash[Mark.Length..end]
            : null;

    internal bool Has(string id) => _peppers.ContainsKey(id);

    private string? Mix(string? id, string password) =>
        id is not null && _peppers.TryGetValue(id, out var pepper)
            ? Convert.ToBase64String(HMACSHA512.HashData(pepper, Encoding.UTF8.GetBytes(password)))
            : null;

    /// <summary>Tells peppers apart and says nothing of them.</summary>
    private static string IdOf(byte[] pepper) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(Purpose), .. pepper])[..8]);
}
