using System.Globalization;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Billing;

/// <summary>What the portal writes about overdue invoices.</summary>
internal static class DunningMails
{
    /// <param name="isStep">A limit begins with it; else it is a reminder.</param>
    internal static Mail Of(string to, DunningState state, bool isStep, IPublicAddress address)
    {
        var number = state.Overdue[0].Number;
        var subject = !isStep ? state is { Standing: { Day: < 1 } begun } && begun.CountsFrom == begun.OverdueSince && state.Overdue[0].PayBy == PayBy.Card ? $"Payment failed for invoice {number}" : $"Reminder: invoice {number} is overdue"
            : state.Target switch
            {
                Arrears.Suspended => $"{state.Organization.Name} is suspended: invoice {number} is overdue",
                Arrears.PublishingBlocked => $"Publishing is blocked: invoice {number} is overdue",
                _ => $"Changes that can raise your bill are paused: invoice {number} is overdue",
            };
        string[] sentences = [Owes(state), Why(state), ArrearsWords.InForce(state.Target), Ahead(state.Standing!.Ahead), WayOut(state)];
        return new(to, subject, string.Join(" ", sentences.Where(sentence => sentence.Length > 0)), Page(state.Organization, address), "Pay now");
    }

    internal static Mail Paid(string to, Organization organization, IPublicAddress address) => new(
        to, "Thank you for your payment: everything works again",
        $"The overdue invoices of {organization.Name} are paid. All limits are lifted: keys and connectors get their access back within the next minutes.", Page(organization, address), "Open billing");

    internal static Mail Extended(string to, DunningState state, DateTimeOffset until, IPublicAddress address) => new(
        to, $"You have until {Day(until)} to pay",
        $"{Owes(state)} We've extended the time to pay to {Day(until)} (UTC). Nothing is limited until then. {WayOut(state)}", Page(state.Organization, address), "Pay now");

    private static string Owes(DunningState state)
    {
        var total = string.Join(" and ", state.Owed.Select(MoneyFormat.Text));
        return state.Overdue.Count == 1
            ? $"{state.Organization.Name} has an overdue invoice: {state.Overdue[0].Number}, {total}."
            : $"{state.Organization.Name} has {state.Overdue.Count.ToString(CultureInfo.InvariantCulture)} overdue invoices, {total} in total. The oldest is {state.Overdue[0].Number}.";
    }

    private static string Why(DunningState state) => state.Overdue[0] is { PayBy: PayBy.Card, ProblemMessage: { } problem } ? $"The last payment attempt failed: {problem}" : "";

    private static string Ahead(IReadOnlyList<DunningStep> steps) => steps.Count == 0 ? "" : $"If it isn't paid, {string.Join("; ", steps.Select(step => $"on {Day(step.At)}, {ArrearsWords.Comes(step.Stage)}"))}.";

    private static string WayOut(DunningState state) => state.Overdue[0].PayBy == PayBy.Card
        ? "Add or change your card on the Billing page, and we charge what is open right away."
        : "Pay it on the invoice page. If you've just paid, you can ignore this email.";

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("MMMM d", CultureInfo.InvariantCulture);

    private static Uri Page(Organization organization, IPublicAddress address) => new(address.Url, $"/o/{organization.Slug}/billing");
}
