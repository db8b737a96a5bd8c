using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Hosting.Identity;
using Portal.Shell;
using Portal.Tests.Support;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Api;

/// <summary>An open page ends with its sign-in because it is told, not because it asks at some time.</summary>
public sealed class OpenPageEndTests
{
    private static readonly CancellationToken Now = CancellationToken.None;

    [Theory]
    [InlineData("signed out here", true)]
    [InlineData("ended elsewhere", false)]
    [InlineData("signed out everywhere", true)]
    [InlineData("another password", false)]
    public async Task A_page_ends_when_its_sign_in_does_and_those_of_others_stay(string how, bool alsoHere)
    {
        await using var portal = new PortalHost();
        using var here = await portal.SignedUpAsync("ada@example.com");
        using var there = portal.Browser();
        await there.SubmitAsync(
            "/sign-in",
            "sign-in",
            new() { ["Input.Email"] = "ada@example.com", ["Input.Password"] = PortalHost.Password }
        );
        using var stranger = await portal.SignedUpAsync("bo@example.com");
        var services = portal.Services;
        // The newest first: there, then here.
        var actors = await ActorsAsync(services, "ada@example.com");
        var (thereActor, hereActor) = (actors[0], actors[1]);
        using var pageHere = Open(services, hereActor);
        using var pageThere = Open(services, thereActor);
        using var pageOfBo = Open(services, (await ActorsAsync(services, "bo@example.com"))[0]);

        var done = how switch
        {
            "signed out here" => await services.GetRequiredService<SignOut>().RunAsync(hereActor, Now),
            "ended elsewhere" => await services.GetRequiredService<EndSession>().RunAsync(hereActor, thereActor.Session!.Value, Now),
            "signed out everywhere" => await services.GetRequiredService<SignOutEverywhere>().RunAsync(hereActor, Now),
            _ => await services
                .GetRequiredService<ChangePassword>()
                .RunAsync(hereActor, PortalHost.Password, "another long passphrase of hers", Now),
        };
        Assert.Null(done.Problem);
        if (alsoHere)
            await Eventually.TrueAsync(() => IsOverAsync(pageHere), "the page of this browser has ended");
        if (how != "signed out here")
            await Eventually.TrueAsync(() => IsOverAsync(pageThere), "the page of the other browser has ended");
        if (!alsoHere)
            Assert.False(await IsOverAsync(pageHere));
        Assert.False(await IsOverAsync(pageOfBo));
    }

    [Fact]
    public async Task What_ended_while_the_page_was_opening_is_seen_as_well_and_a_page_that_is_only_painted_listens_to_nothing()
    {
        await using var portal = new PortalHost();
        using var here = await portal.SignedUpAsync("ada@example.com");
        var actor = (await ActorsAsync(portal.Services, "ada@example.com"))[0];
        await portal.Services.GetRequiredService<SignOut>().RunAsync(actor, Now);
        using var opening = Open(portal.Services, actor);
        await Eventually.TrueAsync(() => IsOverAsync(opening), "it has ended");
        using var painted = Open(portal.Services, actor, new DefaultHttpContext { Request = { Path = "/o/northwind" } });
        Assert.False(await IsOverAsync(painted));
    }

    private static async Task<List<Actor>> ActorsAsync(IServiceProvider services, string email) =>
        await services
            .GetRequiredService<IPortalDatabase>()
            .ReadAsync(
                async session =>
                {
                    var account = (await session.Accounts.FindAsync(EmailAddress.Create(email).Value, Now))!.Account;
                    var sessions = await session.Sessions.ListAsync(
                        account.Id,
                        services.GetRequiredService<TimeProvider>().GetUtcNow(),
                        new(),
                        Now
                    );
                    return sessions
                        .Items.Select(one => new Actor(account.Id, email, false) { Session = one.Id, ProvedHere = true })
                        .ToList();
                },
                Now
            );

    /// <summary>What a circuit has of its visitor; it never asks by itself here.</summary>
    private static CircuitRevalidation Open(IServiceProvider services, Actor actor, HttpContext? request = null)
    {
        var page = new CircuitRevalidation(
            services.GetRequiredService<ILoggerFactory>(),
            services.GetRequiredService<CheckSession>(),
            services.GetRequiredService<IChanges>(),
            new HttpContextAccessor { HttpContext = request },
            services.GetRequiredService<IHostApplicationLifetime>()
        )
        {
            AsksEvery = TimeSpan.FromDays(1),
        };
        var identity = new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, $"{actor.AccountId}"), new(ActorClaims.Session, $"{actor.Session}")],
            "cookie"
        );
        page.SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(identity))));
        return page;
    }

    private static async Task<bool> IsOverAsync(CircuitRevalidation page) =>
        (await page.GetAuthenticationStateAsync()).User.Identity?.IsAuthenticated != true;
}
