using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Features.Api;

namespace Portal.Features.Operator;

/// <summary>Every email that the portal sends, with sample data.</summary>
public static class EmailsEndpoints
{
    internal static void MapEmails(this RouteGroupBuilder group)
    {
        group.MapGet("/emails", ListAsync).WithName("ListEmailTemplates").WithSummary("List every kind of email that Portal sends");
        group
            .MapGet("/emails/{kind}", GetAsync)
            .WithName("GetEmailTemplate")
            .WithSummary("Get one kind of email with sample data, as plain text and HTML");
        group
            .MapPost("/emails/{kind}/test", SendAsync)
            .WithName("SendTestEmail")
            .WithSummary("Send one kind of email with sample data to your own address");
    }

    /// <param name="When">When it is sent, and to whom.</param>
    /// <param name="Subject">With sample data.</param>
    public sealed record EmailTemplateBody(string Kind, string Title, string When, string Subject);

    /// <param name="When">When it is sent, and to whom.</param>
    public sealed record EmailPreviewBody(string Kind, string Title, string When, string Subject, string Text, string Html);

    /// <param name="Recipient">Your own address.</param>
    public sealed record TestEmailBody(string Recipient, string Subject);

    private static Task<ListAnswer<PageOf<EmailTemplateBody>>> ListAsync(
        ApiContext context,
        ListEmailTemplates list,
        CancellationToken cancellationToken
    ) =>
        context.ListWholeAsync(
            () => list.RunAsync(context.Actor, cancellationToken),
            sample => sample.Template.Kind,
            sample => new EmailTemplateBody(sample.Template.Kind, sample.Template.Title, sample.Template.When, sample.Mail.Subject)
        );

    private static async Task<Answer<EmailPreviewBody>> GetAsync(
        string kind,
        ApiContext context,
        GetEmailTemplate get,
        MailBrand brand,
        CancellationToken cancellationToken
    ) =>
        (await get.RunAsync(context.Actor, kind, cancellationToken)).ToOk(sample => new EmailPreviewBody(
            sample.Template.Kind,
            sample.Template.Title,
            sample.Template.When,
            sample.Mail.Subject,
            MailLayout.Text(sample.Mail, brand),
            MailLayout.Html(sample.Mail, brand)
        ));

    private static async Task<Answer<TestEmailBody>> SendAsync(
        string kind,
        ApiContext context,
        SendTestEmail send,
        CancellationToken cancellationToken
    ) =>
        await context.OkAsync(
            () => send.RunAsync(context.Actor, kind, cancellationToken),
            mail => new TestEmailBody(mail.To, mail.Subject)
        );
}
