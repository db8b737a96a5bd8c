using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Work;
using Portal.Features.Operator;
using Portal.Features.Organizations;
using Portal.Hosting;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>The operator's list of emails, and the organization's time zone.</summary>
public sealed class EmailPagesTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private Actor Operator => Owner with { IsOperator = true };

    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public void Every_kind_is_listed_with_its_subject_and_when_it_is_sent()
    {
        var page = Show("operator/emails");
        page.WaitForAssertion(
            () =>
                Assert.Equal(
                    UseCases.Library.Templates.Select(template => template.Kind),
                    page.FindAll("tr[data-email]").Select(row => row.GetAttribute("data-email"))
                ),
            Soon
        );
        var row = page.Find("tr[data-email='billing.suspended']");
        Assert.Contains("Northwind is suspended: invoice northwind-2026-10-1 is overdue", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("when the organization is suspended for an overdue invoice.", row.TextContent, StringComparison.Ordinal);
        Assert.Equal("operator/emails?kind=billing.suspended", row.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public void A_kind_is_shown_as_its_readers_see_it_in_a_frame_that_runs_and_loads_nothing()
    {
        var page = Show("operator/emails?kind=billing.payment-failed");
        var frame = page.WaitForElement("iframe", Soon);
        Assert.Equal("allow-popups allow-popups-to-escape-sandbox", frame.GetAttribute("sandbox"));
        Assert.Contains("default-src 'none'", frame.GetAttribute("srcdoc"), StringComparison.Ordinal);
        Assert.Contains("$123.45", frame.GetAttribute("srcdoc"), StringComparison.Ordinal);
        Assert.Contains("color-scheme\" content=\"light\"", frame.GetAttribute("srcdoc"), StringComparison.Ordinal);
        Assert.Equal(
            "operator/emails?kind=billing.payment-failed&scheme=dark",
            page.Find("nav[aria-label=Colors] a:last-child").GetAttribute("href")
        );

        page = Show("operator/emails?kind=billing.payment-failed&scheme=dark&width=phone");
        frame = page.WaitForElement("iframe.phone", Soon);
        Assert.Contains("color-scheme\" content=\"dark\"", frame.GetAttribute("srcdoc"), StringComparison.Ordinal);

        page = Show("operator/emails?kind=billing.payment-failed&show=text");
        Assert.Contains("Pay now:\nhttp", page.WaitForElement("pre.email-text", Soon).TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("iframe"));
    }

    [Fact]
    public async Task A_test_goes_to_the_operator_who_asks_and_is_recorded()
    {
        var account = AccountState
            .New(Owner.AccountId!.Value, EmailAddress.Create(Owner.Name).Value, null, Clock.GetUtcNow())
            .Verified()
            .In("Asia/Kolkata");
        // A change asks in its turn whether its actor still runs the platform.
        account = account with
        {
            Account = account.Account with { IsOperator = true },
        };
        await Database.UpdateAsync(
            null,
            session =>
            {
                session.Accounts.Add(account);
                return Task.FromResult(true);
            },
            CancellationToken.None
        );
        var page = Show("operator/emails?kind=account.password-changed");
        await page.WaitForElement(".head .btn.pri", Soon).ClickAsync(new());
        page.WaitForAssertion(
            () => Assert.Contains($"Test email sent to {Owner.Name}.", page.Find("[role=status]").TextContent, StringComparison.Ordinal),
            Soon
        );
        Assert.Contains("it's in the outbox", page.Find("[role=status]").TextContent, StringComparison.Ordinal);

        var work = (await Database.ReadAsync(session => session.Work.ListAsync(new(), new(), default), default)).Items.Single(item =>
            item.Kind == SendMailWork.Kind
        );
        var mail = (await Database.ReadAsync(session => session.Mails.FindAsync(work.PayloadOf<SendMailWork>().Mail, default), default))!;
        Assert.Equal((Owner.Name, "[Test] Your password was changed"), (mail.To, mail.Subject));
        Assert.Contains("November 12, 2026, 19:35 (Asia/Kolkata)", mail.Body, StringComparison.Ordinal);
        Assert.Equal(
            "email.send-test",
            (await Use<IAuditTrail>().ListAsync(null, new AuditFilter(Operation: "email"), new PageRequest(), default))
                .Items.Single()
                .Operation
        );
        Assert.Equal("email-template-not-found", (await Use<SendTestEmail>().RunAsync(Operator, "account.unknown", default)).Problem!.Code);
    }

    [Fact]
    public async Task Nobody_but_operators_sees_or_sends_them()
    {
        Navigation.NavigateTo("operator/emails");
        var page = Render<EmailsPage>();
        page.WaitForElement("[data-problem=operator-only]", Soon);
        Assert.Equal("operator-only", (await Use<SendTestEmail>().RunAsync(Owner, "account.verify", default)).Problem!.Code);
    }

    [Fact]
    public async Task An_organization_s_time_zone_is_chosen_from_those_that_are_known()
    {
        var page = Render<GeneralPage>(parameters => parameters.Add(one => one.Org, Org));
        var choice = page.WaitForElement("#zone", Soon);
        Assert.Contains("Europe/Berlin", choice.TextContent, StringComparison.Ordinal);
        choice.Change("Europe/Berlin");
        await page.FindAll("form")[1].SubmitAsync();
        page.WaitForAssertion(() => Assert.Equal("Saved.", page.Find("#zone-note").TextContent), Soon);
        Assert.Equal(
            "Europe/Berlin",
            (await Database.ReadAsync(session => session.Organizations.FindAsync(Org, default), default))!.TimeZone
        );
    }

    private IRenderedComponent<EmailsPage> Show(string address)
    {
        Navigation.NavigateTo(address);
        return Render<EmailsPage>(parameters => parameters.AddCascadingValue(Operator));
    }
}
