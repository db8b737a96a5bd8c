using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portal.Adapters.PortalDatabase.Accounts;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

/// <summary><c>Portal:Passwords:Pepper</c>: a secret that whoever has the database alone does not have.</summary>
public sealed class PepperTests
{
    private static readonly CancellationToken Now = CancellationToken.None;

    private static readonly byte[] First = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Second = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public async Task A_hash_opens_with_its_pepper_only_and_one_without_goes_on_working()
    {
        var (bare, peppered, rotated) = (Hasher(Peppers.None), Hasher(new(First)), Hasher(new(Second, First)));
        var old = await bare.HashAsync(Actor.Anonymous, PortalHost.Password, Now);
        var hash = await peppered.HashAsync(Actor.Anonymous, PortalHost.Password, Now);
        Assert.StartsWith("pepper:", hash, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(First), hash, StringComparison.Ordinal);

        foreach (var hasher in new[] { bare, peppered, rotated })
            Assert.True(await hasher.VerifyAsync(Actor.Anonymous, old, PortalHost.Password, Now));
        foreach (var hasher in new[] { peppered, rotated })
        {
            Assert.True(await hasher.VerifyAsync(Actor.Anonymous, hash, PortalHost.Password, Now));
            Assert.False(await hasher.VerifyAsync(Actor.Anonymous, hash, "another password", Now));
        }
        // With the database alone, or with another secret, the right password is as good as a wrong one.
        foreach (var hasher in new[] { bare, Hasher(new(Second)) })
            Assert.False(await hasher.VerifyAsync(Actor.Anonymous, hash, PortalHost.Password, Now));
        // Nor does the rest of the hash open without the mark.
        Assert.False(await bare.VerifyAsync(Actor.Anonymous, hash[(hash.LastIndexOf(':') + 1)..], PortalHost.Password, Now));

        Assert.Equal(
            (false, true, false, true),
            (bare.IsOutdated(old), peppered.IsOutdated(old), peppered.IsOutdated(hash), rotated.IsOutdated(hash))
        );
    }

    [Fact]
    public async Task A_sign_in_moves_its_password_to_the_pepper_of_the_settings()
    {
        await using var portal = new PortalHost { Settings = { ["Portal:Passwords:Pepper"] = Convert.ToBase64String(First) } };
        using var browser = await portal.SignedUpAsync("ada@example.com");
        var hash = await HashOfAsync(portal, "ada@example.com");
        Assert.StartsWith("pepper:", hash, StringComparison.Ordinal);

        // As it was before the setting.
        await SetHashAsync(portal, "ada@example.com", await Hasher(Peppers.None).HashAsync(Actor.Anonymous, PortalHost.Password, Now));
        Assert.NotNull((await SignInAsync(browser)).Headers.Location);
        Assert.StartsWith(hash[..hash.LastIndexOf(':')], await HashOfAsync(portal, "ada@example.com"), StringComparison.Ordinal);

        // Of a pepper that no setting has: refused as a wrong password is, and left as it was.
        var lost = await Hasher(new(Second)).HashAsync(Actor.Anonymous, PortalHost.Password, Now);
        await SetHashAsync(portal, "ada@example.com", lost);
        Assert.Contains(
            "Incorrect email or password",
            await (await SignInAsync(browser)).Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );
        Assert.Equal(lost, await HashOfAsync(portal, "ada@example.com"));
    }

    private static Task<HttpResponseMessage> SignInAsync(HttpClient browser) =>
        browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password });

    private static Passwords Hasher(Peppers peppers) =>
        new(new PasswordHasher<PortalUser>(Options.Create(new PasswordHasherOptions { IterationCount = 1_000 })), peppers);

    private static Task<string> HashOfAsync(PortalHost portal, string email) =>
        portal
            .Services.GetRequiredService<IPortalDatabase>()
            .ReadAsync(async session => (await session.Accounts.FindAsync(EmailAddress.Create(email).Value, Now))!.PasswordHash!, Now);

    private static Task SetHashAsync(PortalHost portal, string email, string hash) =>
        portal
            .Services.GetRequiredService<IPortalDatabase>()
            .UpdateAsync(
                null,
                async session =>
                {
                    session.Accounts.Save(
                        (await session.Accounts.FindAsync(EmailAddress.Create(email).Value, Now))! with
                        {
                            PasswordHash = hash,
                        }
                    );
                    return true;
                },
                Now
            );
}
