using Portal.Domain.Common;

namespace Portal.Tests.Support.Fakes;

/// <summary>Seals so that a test sees for what, and opens nothing that was sealed for something else or with another key.</summary>
public sealed class PlainSeal(string key = "key") : ISecretSeal
{
    public string Seal(string purpose, string secret) =>
        $"{key}|{purpose}|{Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(secret))}|{Guid.NewGuid():N}";

    public string? Open(string purpose, string sealedSecret) =>
        sealedSecret.Split('|') is [var with, var of, var secret, _] && with == key && of == purpose
            ? System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret))
            : null;
}
