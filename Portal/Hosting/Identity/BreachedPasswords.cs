using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Accounts;

namespace Portal.Hosting.Identity;

/// <summary>The embedded list: sorted prefixes of SHA-256, searched by halves. See breached-passwords.md.</summary>
internal sealed class BreachedPasswords : IBreachedPasswords
{
    private const string Resource = "Portal.Hosting.Identity.breached-passwords.bin";
    private const int Prefix = 6;

    private readonly byte[] _prefixes = Read();

    public int Count => _prefixes.Length / Prefix;

    public bool Contains(string password)
    {
#pragma warning disable CA1308 // The list is in lower case.
        Span<byte> wanted = SHA256.HashData(Encoding.UTF8.GetBytes(password.ToLowerInvariant())).AsSpan(0, Prefix);
#pragma warning restore CA1308
        var (from, to) = (0, Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            switch (_prefixes.AsSpan(middle * Prefix, Prefix).SequenceCompareTo(wanted))
            {
                case 0:
                    return true;
                case < 0:
                    from = middle + 1;
                    break;
                default:
                    to = middle;
                    break;
            }
        }
        return false;
    }

    private static byte[] Read()
    {
        using var resource =
            typeof(BreachedPasswords).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not embedded.");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return bytes;
    }
}
