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

    [Fact]
    public async Task Cookies_and_secrets_are_sealed_with_AES_256_and_a_signature()
    {
        await using var portal = new PortalHost();
        var made = Assert.IsType<AuthenticatedEncryptorConfiguration>(portal.Services.GetRequiredService<IOptions<KeyManagementOptions>>().Value.AuthenticatedEncryptorConfiguration);
        Assert.Equal((EncryptionAlgorithm.AES_256_CBC, ValidationAlgorithm.HMACSHA256), (made.EncryptionAlgorithm, made.ValidationAlgorithm));
    }
}
