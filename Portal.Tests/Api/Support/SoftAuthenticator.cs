using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Tests.Api.Support;

/// <summary>A passkey in software, which does what no authenticator would: answers for other pages, again, or as somebody else.</summary>
public sealed class SoftAuthenticator : IDisposable
{
    private const byte Present = 1,
        Verified = 4,
        WithKey = 0x40;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);

    public string Origin { get; set; } = "http://localhost";

    public string Domain { get; set; } = "localhost";

    public bool IsVerified { get; set; } = true;

    public bool IsPresent { get; set; } = true;

    public bool IsCrossOrigin { get; set; }

    /// <summary>Synchronized passkeys count nothing.</summary>
    public uint Count { get; set; }

    /// <summary>In place of <c>webauthn.get</c>.</summary>
    public string Kind { get; set; } = "webauthn.get";

    public string UserHandle { get; set; } = "";

    /// <summary>The answer to creation options.</summary>
    public string Create(JsonNode options)
    {
        UserHandle = (string)options["user"]!["id"]!;
        var numbers = _key.ExportParameters(includePrivateParameters: false);
        // COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
        byte[] publicKey = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. numbers.Q.X!, 0x22, 0x58, 0x20, .. numbers.Q.Y!];
        byte[] data = [.. Data(WithKey), .. new byte[16], 0, (byte)_id.Length, .. _id, .. publicKey];
        // {"fmt": "none", "attStmt": {}, "authData": data}
        byte[] attestation =
        [
            0xA3,
            0x63,
            .. "fmt"u8,
            0x64,
            .. "none"u8,
            0x67,
            .. "attStmt"u8,
            0xA0,
            0x68,
            .. "authData"u8,
            0x58,
            (byte)data.Length,
            .. data,
        ];
        return Credential(
            new()
            {
                ["clientDataJSON"] = Client("webauthn.create", options),
                ["attestationObject"] = Base64Url.EncodeToString(attestation),
                ["transports"] = new JsonArray("internal"),
            }
        );
    }

    /// <summary>The answer to request options.</summary>
    public string Get(JsonNode options)
    {
        var client = Client(Kind, options);
        var data = Data(0);
        var signature = _key.SignData(
            [.. data, .. SHA256.HashData(Base64Url.DecodeFromChars(client))],
            HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence
        );
        return Credential(
            new()
            {
                ["clientDataJSON"] = client,
                ["authenticatorData"] = Base64Url.EncodeToString(data),
                ["signature"] = Base64Url.EncodeToString(signature),
                ["userHandle"] = UserHandle,
            }
        );
    }

    public void Dispose() => _key.Dispose();

    private byte[] Data(byte more)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Count);
        return
        [
            .. SHA256.HashData(Encoding.UTF8.GetBytes(Domain)),
            (byte)(more | (IsPresent ? Present : 0) | (IsVerified ? Verified : 0)),
            .. count,
        ];
    }

    private string Client(string kind, JsonNode options) =>
        Base64Url.EncodeToString(
            Encoding.UTF8.GetBytes(
                new JsonObject
                {
                    ["type"] = kind,
                    ["challenge"] = (string)options["challenge"]!,
                    ["origin"] = Origin,
                    ["crossOrigin"] = IsCrossOrigin,
                }.ToJsonString()
            )
        );

    private string Credential(JsonObject response) =>
        new JsonObject
        {
            ["id"] = Base64Url.EncodeToString(_id),
            ["rawId"] = Base64Url.EncodeToString(_id),
            ["type"] = "public-key",
            ["authenticatorAttachment"] = "platform",
            ["clientExtensionResults"] = new JsonObject(),
            ["response"] = response,
        }.ToJsonString();
}
