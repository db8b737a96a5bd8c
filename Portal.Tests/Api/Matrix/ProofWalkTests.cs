using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.OpenId;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Matrix;

/// <summary>
/// The table of proof against every use case there is: each asked for from a browser whose proof is old, and from a
/// sign-in that only an organization's provider vouches for.
/// </summary>
public sealed class ProofWalkTests(MatrixWorld world) : IClassFixture<MatrixWorld>
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Fact]
    public async Task An_old_proof_opens_nothing_that_is_in_the_table_and_everything_else()
    {
        world.BeginRequest();
        var before = Services<TimeProvider>().Now().AddSeconds(-1);
        foreach (var asker in new[] { await StaleAsync("Owner"), await StaleAsync("an operator") })
        {
            foreach (var rule in AuthorizationMatrix.All.Where(rule => rule.UseCase is not null))
            {
                var useCase = world.Services.GetRequiredService(
                    AuthorizationMatrixTests.UseCases().Single(type => type.Name == rule.UseCase)
                );
                // Ends the session that asks.
                if (rule.UseCase is "SignOut" or "SignOutEverywhere")
                    continue;
                await MatrixCalls.UseCaseAsync(useCase, asker, MatrixWorld.North, "shop", "production");
                if (rule.UseCase is "InviteMember" or "ChangeMember")
                    await MatrixCalls.UseCaseAsync(useCase, asker, MatrixWorld.North, "shop", "production", ("role", "owner"));
                if (useCase is Portal.Domain.Federation.RequireOrganizationSignIn require)
                    await require.RunAsync(asker, MatrixWorld.North, true, Now);
                // The same use cases without an organization are the platform's.
                if (useCase is RegisterOidcClient or ChangeOidcClient or RenewOidcClientSecret)
                    await MatrixCalls.UseCaseAsync(useCase, asker, "", "shop", "production");
            }
        }
        var refused = await RefusedAsync(before);
        var table = ProofTable.Rows.Select(row => row.Operation).ToHashSet();
        Assert.DoesNotContain(refused, name => !table.Contains(name));
        Assert.Empty(table.Except(refused));
    }

    [Fact]
    public async Task What_an_organizations_provider_vouches_for_opens_nothing_of_the_account_or_the_platform()
    {
        world.BeginRequest();
        var north = await world
            .Services.GetRequiredService<IPortalDatabase>()
            .ReadAsync(session => session.Store<Portal.Domain.Access.IOrganizationStore>().FindAsync(MatrixWorld.North, Now), Now);
        string[] open = ["SignOut", "GetConsentRequest", "GrantConsent"];
        var tried = 0;
        foreach (var name in new[] { "Owner", "an operator" })
        {
            var through = (await StaleAsync(name, TimeSpan.Zero)) with
            {
                ProvedHere = false,
                Provider = $"{north!.Id}|https://login.example.com",
            };
            foreach (
                var rule in AuthorizationMatrix.All.Where(rule =>
                    rule is { UseCase: not null, Place: Place.Outside }
                    && rule.Who is AuthorizationMatrix.Person or AuthorizationMatrix.AtBrowser or AuthorizationMatrix.Operator
                )
            )
            {
                if (open.Contains(rule.UseCase))
                    continue;
                var useCase = world.Services.GetRequiredService(
                    AuthorizationMatrixTests.UseCases().Single(type => type.Name == rule.UseCase)
                );
                var (answer, detail) = await MatrixCalls.UseCaseAsync(useCase, through, MatrixWorld.North, "shop", "production");
                Assert.True(
                    answer == Answer.Forbidden && detail.EndsWith("own-sign-in-required", StringComparison.Ordinal),
                    $"{name}: {detail}"
                );
                tried++;
            }
        }
        Assert.True(tried > 80, $"only {tried}");
        var elsewhere = (await StaleAsync("a member of another organization", TimeSpan.Zero)) with
        {
            ProvedHere = false,
            Provider = $"{north!.Id}|https://login.example.com",
        };
        var entered = await new AccessGuard(Services<IPortalDatabase>(), Services<IAuditTrail>(), Services<TimeProvider>()).EnterAsync(
            elsewhere,
            MatrixWorld.South,
            new(Permission.ViewOrganization, "organization.view", MatrixWorld.South),
            Now
        );
        Assert.Equal("own-sign-in-required", entered.Problem?.Code);
    }

    private T Services<T>()
        where T : notnull => world.Services.GetRequiredService<T>();

    /// <summary>At a browser, signed in two hours ago unless said otherwise.</summary>
    private async Task<Actor> StaleAsync(string asker, TimeSpan? age = null)
    {
        var actor = world.Askers.Single(one => one.Name == asker).Actor!;
        var session = new AccountSession(
            new(Guid.NewGuid()),
            actor.AccountId!.Value,
            SignInMethod.Password,
            null,
            null,
            Services<TimeProvider>().Now() - (age ?? TimeSpan.FromHours(2))
        );
        await Services<IPortalDatabase>()
            .UpdateAsync(
                null,
                stores =>
                {
                    stores.Sessions.Add(session);
                    return Task.FromResult(true);
                },
                Now
            );
        return actor with { Session = session.Id, ProvedHere = true };
    }

    /// <summary>Operations that were refused for want of a fresh proof, from the audit logs.</summary>
    private async Task<HashSet<string>> RefusedAsync(DateTimeOffset since)
    {
        var north = await Services<IPortalDatabase>()
            .ReadAsync(session => session.Store<Portal.Domain.Access.IOrganizationStore>().FindAsync(MatrixWorld.North, Now), Now);
        var names = new HashSet<string>();
        foreach (var log in new[] { (OrganizationId?)null, north!.Id })
        {
            for (string? after = null; ; )
            {
                var page = await Services<IAuditTrail>()
                    .ListAsync(log, new AuditFilter(), new PageRequest(PageRequest.MaxLimit, after), Now);
                names.UnionWith(
                    page.Items.Where(record => record.At >= since && record.Details.GetValueOrDefault("problem") == "confirm-identity")
                        .Select(record => record.Operation)
                );
                if (page.Next is null)
                    break;
                after = page.Next;
            }
        }
        return names;
    }
}
