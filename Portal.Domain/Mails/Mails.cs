using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Mails;

/// <summary>Hands an email to the outside. Use cases queue emails instead: nobody waits for a mail server.</summary>
public interface IMailer
{
    /// <summary>Emails stay where they are, for the outbox page: there is no mail server.</summary>
    bool KeepsMails { get; }

    /// <returns>Unavailable when trying again may help; Invalid <c>mail-address-refused</c> when there is no such mailbox.</returns>
    /// <param name="id">The same each time it is tried: a server that took it, and whose answer was lost, can tell that it has it.</param>
    Task<Outcome<Done>> SendAsync(Guid id, Mail mail, CancellationToken cancellationToken);
}

/// <summary>Emails commit with the change they tell of; sending them is work of its own.</summary>
public interface IMailQueue
{
    /// <summary>Writes the email and the work that sends it; nothing when nobody could read it (<see cref="NoMailbox"/>).</summary>
    void Add(Mail mail);

    Task<Mail?> FindAsync(Guid id, CancellationToken cancellationToken);

    /// <summary>It was sent, or never will be.</summary>
    Task RemoveAsync(Guid id, CancellationToken cancellationToken);
}

/// <summary>
/// Addresses behind which nobody is: those of the sample company. No email is written to them, so none of its people can
/// be taken over by a link that was sent "to them".
/// </summary>
public static class NoMailbox
{
    /// <summary>Under a name that is given to nobody (RFC 2606 §3).</summary>
    public const string Domain = "alder-and-pine.example.com";

    public static bool Is(string address) => address.EndsWith($"@{Domain}", StringComparison.OrdinalIgnoreCase);
}

public sealed record SendMailWork(Guid Mail) : IWorkPayload
{
    public static string Kind => "email.send";

    /// <summary>
    /// Each email is a line of its own: one that the server does not take holds up no other. Those that somebody waits for,
    /// to sign up, to get back in or to join, go before what a month's close writes to everybody.
    /// </summary>
    /// <param name="kind">Of the email's template.</param>
    public WorkPlace Place(string kind) =>
        new(Lanes.Email, $"email:{Mail}", null, "email", IsAwaited(kind) ? WorkPriority.Waiting : WorkPriority.Background);

    private static bool IsAwaited(string kind) =>
        kind.StartsWith("account.", StringComparison.Ordinal) || kind.StartsWith("member.", StringComparison.Ordinal);
}

/// <summary>
/// Sends one email. A server that is away is asked again later and later, for a day; an address that it refuses is given up at once.
/// </summary>
public sealed class SendMail(IPortalDatabase database, IMailer mailer, TimeProvider clock) : IWorkStep<SendMailWork>
{
    private static readonly TimeSpan GivesUpAfter = TimeSpan.FromHours(24);

    public async Task<StepResult> RunAsync(SendMailWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        if (mailer.KeepsMails)
            return StepResult.Finished;
        var mail = await database.ReadAsync(session => session.Mails.FindAsync(payload.Mail, cancellationToken), cancellationToken);
        if (mail is null)
            return StepResult.Finished;
        var sent = await mailer.SendAsync(payload.Mail, mail, cancellationToken);
        if (sent.IsOk)
            return new StepResult.Done((session, token) => session.Mails.RemoveAsync(payload.Mail, token));
        return sent.Problem is Problem.Unavailable && clock.Now() - turn.CreatedAt < GivesUpAfter
            ? new StepResult.Later(sent.Problem, Pause(turn.Failures))
            : new StepResult.Refused(sent.Problem);
    }

    public Task RefusedAsync(IPortalSession session, SendMailWork payload, Problem problem, CancellationToken cancellationToken) =>
        session.Mails.RemoveAsync(payload.Mail, cancellationToken);

    // 30 s, 1 min, 2 min … at most four hours.
    private static TimeSpan Pause(int failures) => TimeSpan.FromSeconds(Math.Min(30 << Math.Min(failures, 10), 4 * 3600));
}
