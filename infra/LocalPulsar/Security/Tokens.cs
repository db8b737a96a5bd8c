using System.Security.Cryptography;
using System.Text;
using LocalPulsar.Storage;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace LocalPulsar.Security;

/// <summary>What a presented token turned out to be.</summary>
internal enum TokenState
{
    Refused,
    Valid,
    WithoutSubject,
}

/// <summary>
/// Makes and checks the tokens of this server: JWT, RS256, the subject is the role, <c>exp</c> and <c>nbf</c> are honoured.
/// </summary>
internal sealed class Tokens
{
    public const string SuperUser = "admin";
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false, MapInboundClaims = false };
    private readonly RsaSecurityKey _key;
    private readonly TokenValidationParameters _rules;
    private readonly TimeProvider _clock;

    private Tokens(RSA rsa, TimeProvider clock)
    {
        _clock = clock;
        _key = new RsaSecurityKey(rsa);
        _rules = new TokenValidationParameters
        {
            IssuerSigningKey = _key,
            ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
            ValidateAudience = false,
            ValidateIssuer = false,
            RequireExpirationTime = false,
            LifetimeValidator = (notBefore, expires, _, _) => IsInTime(notBefore, expires),
        };
    }

    /// <summary>The keys of the folder, made at the first start together with a super-user token.</summary>
    public static Tokens Open(DataFolder folder, TimeProvider clock)
    {
        if (!File.Exists(folder.PrivateKey))
        {
            using var fresh = RSA.Create(2048);
            WriteWhole(folder.PublicKey, fresh.ExportSubjectPublicKeyInfoPem());
            WriteWhole(folder.PrivateKey, fresh.ExportPkcs8PrivateKeyPem());
        }
        var rsa = RSA.Create();
        rsa.ImportFromPem(File.ReadAllText(folder.PrivateKey));
        var tokens = new Tokens(rsa, clock);
        if (!File.Exists(folder.AdminToken))
            WriteWhole(folder.AdminToken, tokens.Issue(SuperUser));
        return tokens;
    }

    public string Issue(string role) =>
        _handler.CreateToken($$"""{"sub":"{{role}}"}""", new SigningCredentials(_key, SecurityAlgorithms.RsaSha256));

    public async Task<(TokenState State, string Role)> CheckAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _rules);
        if (!result.IsValid)
            return (TokenState.Refused, "");
        return ((JsonWebToken)result.SecurityToken).TryGetPayloadValue<string>("sub", out var role)
            ? (TokenState.Valid, role)
            : (TokenState.WithoutSubject, "");
    }

    private bool IsInTime(DateTime? notBefore, DateTime? expires)
    {
        var now = _clock.GetUtcNow().UtcDateTime;
        return (notBefore is null || notBefore <= now) && (expires is null || now < expires);
    }

    // A crash between creation and content must not leave half a key behind.
    private static void WriteWhole(string path, string text)
    {
        var half = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(half, options))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(half, path, overwrite: true);
    }
}
