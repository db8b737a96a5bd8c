using Microsoft.EntityFrameworkCore;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Model;

/// <summary>A recovery code that was not used; the hash is SHA-256 of the code.</summary>
internal sealed class RecoveryCodeRow
{
    public AccountId AccountId { get; set; }
    public byte[] Hash { get; set; } = [];
}

/// <summary>A mail that waits to be sent; without an SMTP server it is kept for the outbox page.</summary>
internal sealed class MailRow
{
    public Guid Id { get; set; }
    public DateTimeOffset At { get; set; }
    public string Kind { get; set; } = "";
    public string Recipient { get; set; } = "";
    public string Subject { get; set; } = "";

    /// <summary>JSON; both bodies are made of it when it is shown or sent.</summary>
    public string Parts { get; set; } = "[]";

    public string? ActionUrl { get; set; }
    public string? ActionText { get; set; }
}

/// <summary>The answer to a request with an Idempotency-Key.</summary>
internal sealed class KeptAnswerRow
{
    /// <summary>SHA-256 over actor, path and key.</summary>
    public byte[] Key { get; set; } = [];

    public byte[] BodyHash { get; set; } = [];
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>The process that carries it out, and in it the request.</summary>
    public string Holder { get; set; } = "";

    /// <summary>
    /// Status, content type, location and body; encrypted, since answers may hold secrets. Null while the request is being carried out.
    /// </summary>
    public byte[]? Sealed { get; set; }
}

/// <summary>What stands beside Identity's tables: sign-ins, mails, answers kept for repeated requests.</summary>
internal static class AccountModel
{
    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<AccountSession>(entity =>
        {
            entity.ToTable("account_sessions").HasKey(session => session.Id);
            entity.Property(session => session.Id).ValueGeneratedNever();
            entity.HasIndex(session => new { session.AccountId, session.CreatedAt });
        });
        builder.Entity<RecoveryCodeRow>().ToTable("account_recovery_codes").HasKey(code => new { code.AccountId, code.Hash });
        builder.Entity<EmailChange>(entity =>
        {
            entity.ToTable("account_email_changes").HasKey(change => change.AccountId);
            entity.Property(change => change.AccountId).ValueGeneratedNever();
        });
        builder.Entity<MailRow>(entity =>
        {
            entity.ToTable("mails").HasKey(mail => mail.Id);
            entity.Property(mail => mail.Id).ValueGeneratedNever();
            SearchText.Configure(entity);
            entity.HasIndex(mail => new { mail.At, mail.Id });
        });
        builder.Entity<ViewAs>(entity =>
        {
            entity.ToTable("view_as").HasKey(look => look.Id);
            entity.Property(look => look.Id).ValueGeneratedNever();
            entity.HasIndex(look => look.TokenHash).IsUnique();
            entity.HasIndex(look => new { look.OperatorId, look.ExpiresAt });
        });
        builder.Entity<KeptAnswerRow>(entity =>
        {
            entity.ToTable("kept_answers").HasKey(answer => answer.Key);
            entity.HasIndex(answer => answer.StartedAt);
        });
    }
}
