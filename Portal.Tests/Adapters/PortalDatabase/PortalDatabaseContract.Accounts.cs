using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Work;
using Portal.Tests.Support;

namespace Portal.Tests.Adapters.PortalDatabase;

public abstract partial class PortalDatabaseContract
{
    private static readonly EmailAddress Ada = EmailAddress.Create("Ada@example.com").Value;

    private static readonly Operation SignIn = new(Permission.HaveAccount, "account.sign-in", "ada@example.com");

    private static async Task<AccountState> AccountAsync(TestDatabase database, EmailAddress? email = null)
    {
        var account = AccountState.New(new(database.Clock.NewUuid()), email ?? Ada, "hash", database.Clock.Now());
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                session.Accounts.Add(account);
                return Task.FromResult(true);
            },
            Now
        );
        return account;
    }

    private static Task<AccountState?> AccountOfAsync(TestDatabase database, AccountId id) =>
        database.Database.ReadAsync(session => session.Accounts.FindAsync(id, Now), Now);

    [Fact]
    public async Task An_account_is_found_again_in_any_letter_case()
    {
        await using var database = await NewAsync();
        var account = await AccountAsync(database);
        Assert.Equal(
            account,
            await database.Database.ReadAsync(session => session.Accounts.FindAsync(EmailAddress.Create("ADA@example.com").Value, Now), Now)
        );
        Assert.Equal(account, await AccountOfAsync(database, account.Account.Id));
        Assert.Null(
            await database.Database.ReadAsync(session => session.Accounts.FindAsync(EmailAddress.Create("eve@example.com").Value, Now), Now)
        );
    }

    [Fact]
    public async Task An_account_s_change_and_its_audit_record_commit_together_or_not_at_all()
    {
        await using var database = await NewAsync();
        var account = await AccountAsync(database);
        var changed = account.WithPassword("other").Verified().In("Europe/Berlin");
        await database.Database.WriteAsync<Done>(
            Jo,
            null,
            SignIn,
            async session =>
            {
                await session.Accounts.FindAsync(account.Account.Id, Now);
                session.Accounts.Save(changed);
                session.Mails.Add(TestMail.To("ada@example.com", "Changed"));
                return new Problem.Conflict("no", "No.");
            },
            Now
        );
        Assert.Equal(account, await AccountOfAsync(database, account.Account.Id));
        Assert.Empty((await database.Audit.ListAsync(null, new(), new(), Now)).Items);
        Assert.Empty((await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), Now), Now)).Items);

        await database.Database.WriteAsync(
            Jo,
            null,
            SignIn,
            async session =>
            {
                await session.Accounts.FindAsync(account.Account.Id, Now);
                session.Accounts.Save(changed);
                session.Mails.Add(TestMail.To("ada@example.com", "Changed"));
                return Outcome.Done;
            },
            Now
        );
        Assert.Equal(changed, await AccountOfAsync(database, account.Account.Id));
        Assert.Single((await database.Audit.ListAsync(null, new(), new(), Now)).Items);
        var sending = Assert
            .Single((await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), Now), Now)).Items)
            .PayloadOf<SendMailWork>();
        Assert.Equal("Changed", (await database.Database.ReadAsync(session => session.Mails.FindAsync(sending.Mail, Now), Now))?.Subject);
    }

    [Fact]
    public async Task A_wrong_password_is_counted_with_the_record_of_its_refusal()
    {
        await using var database = await NewAsync();
        var account = await AccountAsync(database);
        await database.Database.RefuseAsync(
            Jo,
            null,
            SignIn,
            new Problem.Unauthenticated("sign-in-refused", "No."),
            async session =>
                session.Accounts.Save((await session.Accounts.FindAsync(account.Account.Id, Now))!.WithWrongProof(database.Clock.Now())),
            Now
        );
        Assert.Equal(1, (await AccountOfAsync(database, account.Account.Id))!.WrongProofs);
        var record = Assert.Single((await database.Audit.ListAsync(null, new(), new(), Now)).Items);
        Assert.Equal((AuditOutcome.Refused, "sign-in-refused"), (record.Outcome, record.Details["problem"]));
    }

    [Fact]
    public async Task A_sign_in_is_found_until_it_is_ended_or_runs_out()
    {
        await using var database = await NewAsync();
        var account = (await AccountAsync(database)).Account;
        var directory = database.Provider.GetRequiredService<ISessionDirectory>();
        var now = database.Clock.Now();
        var sessions = await BeginAsync(database, account.Id, 3);
        Assert.Equal(account, (await directory.FindAsync(sessions[0].Id, now, Now))!.Account);
        Assert.Null(await directory.FindAsync(sessions[0].Id, now.AddDays(15), Now));

        await directory.SeenAsync(sessions[0].Id, now.AddDays(2), SessionRule.Default.ExpiryOf(now, now.AddDays(2)), "192.0.2.9", Now);
        Assert.Equal(now.AddDays(2), (await directory.FindAsync(sessions[0].Id, now.AddDays(15), Now))!.LastSeenAt);

        await ChangeSessionsAsync(database, session => session.EndAsync(account.Id, sessions[0].Id, Now));
        Assert.Null(await directory.FindAsync(sessions[0].Id, now, Now));
        await ChangeSessionsAsync(database, session => session.EndAllAsync(account.Id, except: sessions[1].Id, Now));
        var left = await database.Database.ReadAsync(session => session.Sessions.ListAsync(account.Id, now, new(), Now), Now);
        Assert.Equal(sessions[1].Id, Assert.Single(left.Items).Id);
        Assert.Null(
            await database.Database.ReadAsync(session => session.Sessions.FindAsync(new(Guid.NewGuid()), sessions[1].Id, now, Now), Now)
        );
    }

    [Fact]
    public async Task The_end_of_a_sign_in_is_told_here_and_on_another_replica_and_to_nobody_elses_pages()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var account = (await AccountAsync(database)).Account;
        var sessions = await BeginAsync(database, account.Id, 2);
        using var here = database.Changes.Listen([Change.SessionsOf(account.Id)]);
        using var there = other.Changes.Listen([Change.SessionsOf(account.Id)]);
        using var stranger = database.Changes.Listen([Change.SessionsOf(new(Guid.NewGuid()))]);
        // SQLite belongs to one process: there is nobody else to tell.
        var others = database.Connections.IsSqlite ? null : there;
        await HeardAsync(database, here);
        // Who comes a moment after the listening has begun is not told to look.
        await stranger.WaitAsync(TimeSpan.FromMilliseconds(500), Now);
        if (others is not null)
            await HeardAsync(other, others);

        foreach (
            var end in new Func<ISessionStore, Task>[]
            {
                store => store.EndAsync(account.Id, sessions[0].Id, Now),
                store => store.EndAllAsync(account.Id, null, Now),
            }
        )
        {
            await ChangeSessionsAsync(database, end);
            Assert.True(await here.WaitAsync(Soon, Now));
            if (others is not null)
                Assert.True(await others.WaitAsync(Soon, Now));
            // Once: what PostgreSQL tells this process of its own commit is known here already.
            Assert.False(await here.WaitAsync(TimeSpan.FromMilliseconds(300), Now));
        }
        Assert.False(await stranger.WaitAsync(TimeSpan.FromMilliseconds(200), Now));
    }

    [Fact]
    public async Task A_second_factor_is_kept_and_a_recovery_code_is_used_once_by_one_of_many()
    {
        await using var database = await NewAsync();
        await using var other = database.Another();
        var account = await AccountAsync(database);
        var (id, hash) = (account.Account.Id, RecoveryCodes.Hash("k3mx-9qhd-wz7n-4tpv"));
        await database.Database.WriteAsync(
            Jo,
            null,
            SignIn,
            async session =>
            {
                session.Accounts.Save((await session.Accounts.FindAsync(id, Now))!.WithTotp(new("sealed", 42)));
                await session.RecoveryCodes.ReplaceAsync(id, [hash, RecoveryCodes.Hash("other")], Now);
                return Outcome.Done;
            },
            Now
        );
        Assert.Equal(new Totp("sealed", 42), (await AccountOfAsync(database, id))!.Totp);
        var used = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    (i % 2 == 0 ? database : other).Database.UpdateAsync(
                        null,
                        session => session.RecoveryCodes.UseAsync(id, hash, Now),
                        Now
                    )
                )
        );
        Assert.Single(used, true);
        Assert.Equal(1, await database.Database.ReadAsync(session => session.RecoveryCodes.CountAsync(id, Now), Now));
    }

    [Fact]
    public async Task A_passkey_is_kept_changed_and_removed_where_Identity_looks_for_it()
    {
        await using var database = await NewAsync();
        var account = (await AccountAsync(database)).Account;
        var made = new Passkey("AQIDBA", account.Id, "Blue laptop", [1, 2], database.Clock.Now(), 7, ["internal"], true, true, [3], [4]);
        await ChangePasskeysAsync(
            database,
            passkeys =>
            {
                passkeys.Add(made);
                return Task.CompletedTask;
            }
        );
        await ChangePasskeysAsync(
            database,
            async passkeys =>
                passkeys.Save(
                    (await passkeys.FindAsync(account.Id, made.Id, Now))! with
                    {
                        Name = "Old laptop",
                        SignCount = 8,
                        AskedAt = made.CreatedAt.AddHours(1),
                    }
                )
        );
        var found = Assert.Single(await database.Database.ReadAsync(session => session.Passkeys.ListAsync(account.Id, Now), Now));
        Assert.Equal(("AQIDBA", "Old laptop", 8L, made.CreatedAt), (found.Id, found.Name, found.SignCount, found.CreatedAt));
        Assert.Equal(made.PublicKey, found.PublicKey);
        Assert.Equal(made.CreatedAt.AddHours(1), found.AskedAt);
        Assert.Null(await database.Database.ReadAsync(session => session.Passkeys.FindAsync(new(Guid.NewGuid()), made.Id, Now), Now));
        Assert.Null(await database.Database.ReadAsync(session => session.Passkeys.FindAsync(account.Id, "not base64url!", Now), Now));
        await ChangePasskeysAsync(database, async passkeys => passkeys.Remove((await passkeys.FindAsync(account.Id, made.Id, Now))!));
        Assert.Empty(await database.Database.ReadAsync(session => session.Passkeys.ListAsync(account.Id, Now), Now));
    }

    private static Task ChangePasskeysAsync(TestDatabase database, Func<IPasskeyStore, Task> change) =>
        database.Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session.Passkeys);
                return true;
            },
            Now
        );

    [Fact]
    public async Task A_wish_for_another_address_takes_the_place_of_the_one_before_and_is_confirmed_in_steps()
    {
        await using var database = await NewAsync();
        var (account, now) = ((await AccountAsync(database)).Account.Id, database.Clock.Now());
        var first = new EmailChange(account, Ada, Guid.NewGuid(), now);
        var second = new EmailChange(account, EmailAddress.Create("ada@new.example").Value, Guid.NewGuid(), now);
        foreach (var change in new[] { first, second })
            await ChangeEmailAsync(database, wishes => wishes.ReplaceAsync(change, Now));
        await ChangeEmailAsync(
            database,
            async wishes => (await wishes.FindAsync(account, now, Now))!.Confirm(AccountLinkPurpose.ConfirmNewEmail, now)
        );
        var found = await database.Database.ReadAsync(session => session.EmailChanges.FindAsync(account, now, Now), Now);
        Assert.Equal(
            (second.Number, "ada@new.example", now, null),
            (found!.Number, found.NewEmail, found.NewConfirmedAt, found.OldConfirmedAt)
        );
        Assert.Null(await database.Database.ReadAsync(session => session.EmailChanges.FindAsync(account, now.AddDays(1), Now), Now));
        await ChangeEmailAsync(
            database,
            async wishes =>
            {
                (await wishes.FindAsync(account, now, Now))!.Confirm(AccountLinkPurpose.ConfirmOldEmail, now);
                await wishes.RemoveAsync(account, Now);
            }
        );
        Assert.Null(await database.Database.ReadAsync(session => session.EmailChanges.FindAsync(account, now, Now), Now));
    }

    private static Task ChangeEmailAsync(TestDatabase database, Func<IEmailChangeStore, Task> change) =>
        database.Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session.EmailChanges);
                return true;
            },
            Now
        );

    [Fact]
    public async Task A_mail_is_kept_with_the_work_that_sends_it()
    {
        await using var database = await NewAsync();
        var written = new Mail(
            "test",
            "ada@example.com",
            "One",
            [
                new MailPart.Paragraph("<One>"),
                new MailPart.Facts([new("Amount", "€1")]),
                new MailPart.Items(["one", "two"]),
                new MailPart.Note("Why"),
            ],
            new("Open", new("https://portal.example.com/verify?token=x%2By"))
        );
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                session.Mails.Add(written);
                return Task.FromResult(true);
            },
            Now
        );
        var work = Assert.Single((await database.Database.ReadAsync(session => session.Work.ListAsync(new(), new(), Now), Now)).Items);
        var id = work.PayloadOf<SendMailWork>().Mail;
        var mail = await database.Database.ReadAsync(session => session.Mails.FindAsync(id, Now), Now);
        Assert.Equal("https://portal.example.com/verify?token=x%2By", mail?.ActionUrl?.AbsoluteUri);
        Assert.Equal((written.Kind, written.To, written.Subject), (mail!.Kind, mail.To, mail.Subject));
        Assert.Equal(
            (MailLayout.Text(written, MailBrand.Default), MailLayout.Html(written, MailBrand.Default)),
            (MailLayout.Text(mail, MailBrand.Default), MailLayout.Html(mail, MailBrand.Default))
        );
        await database.Database.UpdateAsync(
            null,
            async session =>
            {
                await session.Mails.RemoveAsync(id, Now);
                return true;
            },
            Now
        );
        Assert.Null(await database.Database.ReadAsync(session => session.Mails.FindAsync(id, Now), Now));
    }

    private static async Task<IReadOnlyList<AccountSession>> BeginAsync(TestDatabase database, AccountId account, int count)
    {
        var sessions = Enumerable
            .Range(0, count)
            .Select(_ => new AccountSession(
                new(database.Clock.NewUuid()),
                account,
                SignInMethod.Password,
                "192.0.2.7",
                "Firefox/140",
                database.Clock.Now()
            ))
            .ToList();
        await database.Database.UpdateAsync(
            null,
            session =>
            {
                foreach (var one in sessions)
                    session.Sessions.Add(one);
                return Task.FromResult(true);
            },
            Now
        );
        return sessions;
    }

    private static Task ChangeSessionsAsync(TestDatabase database, Func<ISessionStore, Task> change) =>
        database.Database.UpdateAsync(
            null,
            async session =>
            {
                await change(session.Sessions);
                return true;
            },
            Now
        );
}
