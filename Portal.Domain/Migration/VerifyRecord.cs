using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Migration;

/// <summary>What came of checking a record.</summary>
/// <param name="IsWhole">Signed by this portal, and nothing was changed.</param>
/// <param name="Findings">What is wrong, a sentence each.</param>
/// <param name="Name">Of the migration, as the record says.</param>
/// <param name="SignedBy">The key's id; null when the record names none.</param>
public sealed record RecordCheck(bool IsWhole, IReadOnlyList<string> Findings, string? Name, string? SignedBy);

/// <summary>Checks a signed record against the portal's keys, for whoever runs the portal; what was changed is named.</summary>
public sealed class VerifyRecord(AccessGuard guard, IPortalDatabase database)
{
    private const int MostFindings = 50;

    /// <param name="document">As it was downloaded.</param>
    public async Task<Outcome<RecordCheck>> RunAsync(Actor actor, string document, CancellationToken cancellationToken)
    {
        if (
            (await guard.CheckAsync(actor, new(Permission.OperatePlatform, "migration.record.verify", ""), cancellationToken)).Problem is
            { } refused
        )
            return refused;
        var keys = await database.ReadAsync(session => session.Records.KeysAsync(cancellationToken), cancellationToken);
        return Check(document, keys.ToDictionary(key => $"{key.Id}", key => key.PublicKey, StringComparer.Ordinal));
    }

    /// <param name="keys">Public keys by their ids.</param>
    public static RecordCheck Check(string document, IReadOnlyDictionary<string, byte[]> keys)
    {
        JsonObject record,
            digests;
        string head,
            signature;
        string? format;
        string[] added;
        try
        {
            var whole = ForeignJson.ParseNode(document) as JsonObject;
            if (
                whole?["record"] is not JsonObject there
                || whole["digests"] is not JsonObject sums
                || (string?)whole["signature"] is not { } text
                || text.Split('.') is not [var first, "", var last]
            )
                return new(false, ["This isn't a signed migration record."], null, null);
            (record, digests, head, signature) = (there, sums, first, last);
            format = whole["format"] is JsonValue named && named.TryGetValue<string>(out var form) ? form : null;
            added =
            [
                .. whole
                    .Select(member => member.Key)
                    .Except(["format", "record", "digests", "signature"])
                    .Select(name => name.Length > 60 ? name[..60] + "…" : name),
            ];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return new(false, ["This isn't a signed migration record: it isn't valid JSON."], null, null);
        }
        var name =
            (record["migration"] as JsonObject)?["name"] is JsonValue value && value.TryGetValue<string>(out var called) ? called : null;
        var (kid, findings) = (KeyOf(head), new List<string>());
        try
        {
            if (kid is null || !keys.TryGetValue(kid, out var key))
                findings.Add("It is signed with a key that this portal doesn't have.");
            else if (!IsSigned(key, head, digests, signature))
                findings.Add("The signature doesn't fit the digests: one of them was changed.");
            if (!string.Equals(format, RecordDigests.Format, StringComparison.Ordinal))
                findings.Add("The format isn't the one that this portal signs.");
            foreach (var part in added)
                findings.Add($"\"{part}\" was added beside the record. Nobody signed it.");
            Compare(record, digests, findings);
        }
        catch (FormatException exception)
        {
            findings.Add(exception.Message);
        }
        return new(findings.Count == 0, [.. findings.Take(MostFindings)], name, kid);
    }

    private static void Compare(JsonObject record, JsonObject digests, List<string> findings)
    {
        foreach (var part in record.Select(member => member.Key).Except(digests.Select(member => member.Key)))
            findings.Add($"The part \"{part}\" was added.");
        foreach (var (part, digest) in digests)
        {
            if (!record.TryGetPropertyValue(part, out var there))
                findings.Add($"The part \"{part}\" was removed.");
            else if (digest is JsonArray list)
            {
                if (there is not JsonArray items)
                {
                    findings.Add($"The part \"{part}\" was changed.");
                    continue;
                }
                if (items.Count != list.Count)
                    findings.Add($"The part \"{part}\" has {items.Count} items instead of {list.Count}.");
                for (var index = 0; index < Math.Min(items.Count, list.Count); index++)
                    if (!Fits(items[index], list[index]))
                        findings.Add($"In \"{part}\", item {index + 1}{Label(items[index])} was changed.");
            }
            else if (!Fits(there, digest))
                findings.Add($"The part \"{part}\" was changed.");
        }
    }

    private static bool Fits(JsonNode? part, JsonNode? digest)
    {
        try
        {
            return digest is JsonValue value && value.TryGetValue<string>(out var text) && RecordDigests.Digest(part) == text;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>What an item is about, in its own words.</summary>
    private static string Label(JsonNode? item)
    {
        var words = new[] { "name", "group", "topic", "partition" }
            .Select(field => (field, Value: (item as JsonObject)?[field] as JsonValue))
            .Where(one => one.Value is not null)
            .Select(one => $"{one.field} {one.Value}")
            .ToList();
        return words.Count == 0 ? "" : $" ({string.Join(", ", words)})";
    }

    private static string? KeyOf(string head)
    {
        try
        {
            var parsed = ForeignJson.ParseNode(System.Buffers.Text.Base64Url.DecodeFromChars(head));
            return (string?)parsed?["alg"] == "RS256" ? (string?)parsed["kid"] : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsSigned(byte[] key, string head, JsonObject digests, string signature)
    {
        using var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key, out _);
        return rsa.VerifyData(
            RecordDigests.Signed(head, digests),
            System.Buffers.Text.Base64Url.DecodeFromChars(signature),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        );
    }
}
