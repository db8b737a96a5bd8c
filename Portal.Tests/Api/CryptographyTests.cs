using System.Buffers.Binary;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary>What docs/security.md says of algorithms, read from what the portal makes.</summary>
public sealed class CryptographyTests
{
    [Fact]
    public async Task A_password_is_hashed_slowly_with_a_salt_of_its_own()
    {
        await using var portal = new PortalHost { QuickHashes = false };
        var passwords = portal.Services.GetRequiredService<IPasswords>();
        var first = Convert.FromBase64String(await passwords.HashAsync(Actor.Anonymous, PortalHost.Password, CancellationToken.None));
        var second = Convert.FromBase64String(await passwords.HashAsync(Actor.Anonymous, PortalHost.Password, CancellationToken.None));
        // ASP.NET Core Identity, version 3: a mark, the function, how often, how much salt; then the salt and 256 bits.
        Assert.Equal((1, 2u, 210_000u, 16u, 13 + 16 + 32), (first[0], At(first, 1), At(first, 5), At(first, 9), first.Length));
        Assert.NotEqual(first[13..29], second[13..29]);

        static uint At(byte[] hash, int place) => BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(place));
    }

    /// <summary>Neither bcrypt, which looks at 72 bytes only, nor anything else hashes passwords beside PBKDF2.</summary>
    [Fact]
    public void No_other_hash_of_passwords_is_built_in()
    {
        var here = Path.GetDirectoryName(typeof(PortalHost).Assembly.Location)!;
        Assert.DoesNotContain(
            Directory.EnumerateFiles(here, "*.dll").Select(Path.GetFileNameWithoutExtension),
            name =>
                name!.Contains("crypt.net", StringComparison.OrdinalIgnoreCase)
                || name.Contains("bcrypt", StringComparison.OrdinalIgnoreCase)
        );
    }

    /// <summary>Nothing that an account keeps, or that its forms take, is a hint or the answer to a question.</summary>
    [Fact]
    public void An_account_has_no_hint_and_no_question()
    {
        var kept = typeof(Portal.Adapters.PortalDatabase.Model.PortalUser)
            .GetProperties()
            .Concat(typeof(Portal.Features.Accounts.AccountInput).GetProperties())
            .Select(property => property.Name)
            .ToList();
        Assert.Contains("PasswordHash", kept);
        Assert.Contains("Password", kept);
        Assert.DoesNotContain(
            kept,
            name => new[] { "Hint", "Question", "Answer" }.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase))
        );
    }

    [Fact]
    public async Task Cookies_and_secrets_are_sealed_with_AES_256_and_a_signature()
    {
        await using var portal = new PortalHost();
        var made = Assert.IsType<AuthenticatedEncryptorConfiguration>(
            portal.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.AuthenticatedEncryptorConfiguration
        );
        Assert.Equal(
            (EncryptionAlgorithm.AES_256_CBC, ValidationAlgorithm.HMACSHA256),
            (made.EncryptionAlgorithm, made.ValidationAlgorithm)
        );
    }
}
