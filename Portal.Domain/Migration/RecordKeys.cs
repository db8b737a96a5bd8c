using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>
/// The key pair that records of migrations are signed with. Unlike keys of tokens it is kept for good: a record may be checked years later.
/// </summary>
public sealed class RecordKey
{
    private RecordKey() { }

    public RecordKey(Guid id, byte[] publicKey, string sealedKey, DateTimeOffset at) =>
        (Id, PublicKey, Sealed, CreatedAt) = (id, publicKey, sealedKey, at);

    public Guid Id { get; private set; }

    /// <summary>SubjectPublicKeyInfo, DER.</summary>
    public byte[] PublicKey { get; private set; } = [];

    /// <summary>The private key, sealed.</summary>
    public string Sealed { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }
}

/// <summary>A record as it was signed when its migration was finished.</summary>
public sealed class KeptRecord
{
    private KeptRecord() { }

    public KeptRecord(KafkaMigration migration, string document, DateTimeOffset at) =>
        (MigrationId, OrganizationId, Document, SignedAt) = (migration.Id, migration.OrganizationId, document, at);

    public MigrationId MigrationId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }

    /// <summary>The signed JSON.</summary>
    public string Document { get; private set; } = "";

    public DateTimeOffset SignedAt { get; private set; }
}

public interface IRecordStore
{
    Task<KeptRecord?> FindAsync(MigrationId migration, CancellationToken cancellationToken);

    /// <summary>Oldest first.</summary>
    Task<IReadOnlyList<RecordKey>> KeysAsync(CancellationToken cancellationToken);

    Task RemoveAsync(MigrationId migration, CancellationToken cancellationToken);

    void Keep(KeptRecord record);

    void Add(RecordKey key);
}

/// <summary>This feature's part of a session.</summary>
public static class RecordSession
{
    extension(IPortalSession session)
    {
        public IRecordStore Records => session.Store<IRecordStore>();
    }
}

internal static class RecordKeys
{
    private const int Bits = 3072;

    internal static string Purpose(Guid id) => $"record-key:{id}";

    /// <summary>The newest key that the key ring opens; the first use makes one.</summary>
    internal static async Task<RecordSigner> CurrentAsync(
        IPortalDatabase database,
        ISecretSeal seal,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        if (Open(seal, await database.ReadAsync(session => session.Records.KeysAsync(cancellationToken), cancellationToken)) is { } there)
            return there;
        using var made = RSA.Create(Bits);
        var id = clock.NewUuid();
        var key = new RecordKey(
            id,
            made.ExportSubjectPublicKeyInfo(),
            seal.Seal(Purpose(id), Convert.ToBase64String(made.ExportPkcs8PrivateKey())),
            clock.Now()
        );
        return await database.UpdateAsync(
            null,
            async session =>
            {
                // Another replica may have been first.
                if (Open(seal, await session.Records.KeysAsync(cancellationToken)) is { } first)
                    return first;
                session.Records.Add(key);
                return Open(seal, [key])!;
            },
            cancellationToken
        );
    }

    private static RecordSigner? Open(ISecretSeal seal, IReadOnlyList<RecordKey> keys)
    {
        foreach (var key in keys.Reverse())
            if (seal.Open(Purpose(key.Id), key.Sealed) is { } secret)
                return new(key.Id, Convert.FromBase64String(secret));
        return null;
    }
}

/// <summary>
/// Signs records: RS256 over the canonical digests of their parts, as a JWS whose payload is detached (RFC 7515, appendix F).
/// </summary>
public sealed class RecordSigner(Guid key, byte[] privateKey)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The document that people keep.</summary>
    public string Sign(JsonObject record)
    {
        var digests = RecordDigests.Of(record);
        var head = RecordDigests.Base64Url(
            Encoding.UTF8.GetBytes($$"""{"alg":"RS256","kid":"{{key}}","typ":"{{RecordDigests.Format}}"}""")
        );
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(privateKey, out _);
        var signature = rsa.SignData(RecordDigests.Signed(head, digests), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return new JsonObject
        {
            ["format"] = RecordDigests.Format,
            ["record"] = record.DeepClone(),
            ["digests"] = digests,
            ["signature"] = $"{head}..{RecordDigests.Base64Url(signature)}",
        }.ToJsonString(Readable);
    }
}

/// <summary>
/// What of a record is signed: a SHA-256 over the canonical JSON of each of its parts, of lists over each item, so that what was changed
/// can be named.
/// </summary>
internal static class RecordDigests
{
    internal const string Format = "portal-migration-record-1";

    internal static JsonObject Of(JsonObject record)
    {
        var digests = new JsonObject();
        foreach (var (name, part) in record)
            digests[name] = part is JsonArray items ? new JsonArray([.. items.Select(item => (JsonNode)Digest(item))]) : Digest(part);
        return digests;
    }

    internal static string Digest(JsonNode? part) => Base64Url(SHA256.HashData(CanonicalJson.Of(part)));

    internal static byte[] Signed(string head, JsonObject digests) =>
        Encoding.ASCII.GetBytes($"{head}.{Base64Url(CanonicalJson.Of(digests))}");

    internal static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
