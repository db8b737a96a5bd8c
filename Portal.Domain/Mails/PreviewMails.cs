using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Mails;

/// <summary>A kind of email with one of made-up data.</summary>
public sealed record EmailSample(MailTemplate Template, Mail Mail);

/// <summary>Every kind of email with sample data, in the operator's own time zone.</summary>
public sealed class ListEmailTemplates(AccessGuard guard, IAccountDirectory accounts, MailLibrary library, IPublicAddress address)
{
    public async Task<Outcome<IReadOnlyList<EmailSample>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new(Permission.OperatePlatform, "email.list-templates", "emails"), cancellationToken);
        if (allowed.Problem is { } refused)
            return refused;
        var to = await EmailSamples.ReaderAsync(accounts, actor, cancellationToken);
        return Outcome.Of<IReadOnlyList<EmailSample>>([
            .. library.Templates.Select(template => new EmailSample(template, template.Sample(to, address.Url))),
        ]);
    }
}

/// <summary>One kind of email with sample data, in the operator's own time zone.</summary>
public sealed class GetEmailTemplate(AccessGuard guard, IAccountDirectory accounts, MailLibrary library, IPublicAddress address)
{
    public async Task<Outcome<EmailSample>> RunAsync(Actor actor, string? kind, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new(Permission.OperatePlatform, "email.get-template", Operation.Brief(kind)),
            cancellationToken
        );
        if (allowed.Problem is { } refused)
            return refused;
        if (library.Find(kind) is not { } template)
            return EmailSamples.NoTemplate;
        return new EmailSample(template, template.Sample(await EmailSamples.ReaderAsync(accounts, actor, cancellationToken), address.Url));
    }
}

/// <summary>Sends one kind of email with sample data to the operator who asks, and to nobody else.</summary>
public sealed class SendTestEmail(
    AccessGuard guard,
    IPortalDatabase database,
    MailLibrary library,
    IAttemptLimiter limiter,
    IPublicAddress address
)
{
    /// <returns>What is on its way.</returns>
    public async Task<Outcome<Mail>> RunAsync(Actor actor, string? kind, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "email.send-test", Operation.Brief(kind));
        var allowed = await guard.CheckAsync(actor, operation, cancellationToken);
        if (allowed.Problem is { } refused)
            return refused;
        if (library.Find(kind) is not { } template)
            return EmailSamples.NoTemplate;
        if (actor.AccountId is not { } id)
            return new Problem.Forbidden(
                "people-only",
                "Test emails go to a person's account. Sign in as that person, or use one of the account's API keys."
            );
        if (limiter.Check(actor, Attempt.Email, actor.Name) is { } tooMany)
            return tooMany;
        return await database.WriteAsync(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Accounts.FindAsync(id, cancellationToken) is not { Account: var account })
                    return AccountOperations.NoAccount;
                var sample = template.Sample(MailRecipient.Of(account), address.Url);
                var mail = sample with { Subject = $"[Test] {sample.Subject}" };
                session.Mails.Add(mail);
                return Outcome.Of(mail);
            },
            cancellationToken
        );
    }
}

internal static class EmailSamples
{
    public static readonly Problem.NotFound NoTemplate = new(
        "email-template-not-found",
        "There's no email of this kind. Choose one from the list."
    );

    public static async Task<MailRecipient> ReaderAsync(IAccountDirectory accounts, Actor actor, CancellationToken cancellationToken) =>
        actor.AccountId is { } id && await accounts.FindAsync(id, cancellationToken) is { } account
            ? MailRecipient.Of(account)
            : MailRecipient.Of(actor.Name);
}
