using Portal.Domain.Access;

namespace Portal.Features.Audit;

/// <summary>Records of an audit log as people say them: <c>Created topic shop/default/orders</c>. Who did it stands beside.</summary>
public static class AuditWords
{
    /// <summary>
    /// Operations whose name is not a verb after a thing, or whose subject is an id: what was done, to do it, and to what ({0} is the
    /// subject).
    /// </summary>
    private static readonly Dictionary<string, (string Done, string ToDo, string What)> Known = new()
    {
        ["account.sign-in"] = ("Signed in", "sign in", "through single sign-on"),
        ["account.notifications"] = ("Changed", "change", "which notifications come by email"),
        ["account.api-key.create"] = ("Created", "create", "account API key {0}"),
        ["account.api-key.revoke"] = ("Revoked", "revoke", "an account API key"),
        ["account.api-key.rotate"] = ("Rotated", "rotate", "an account API key"),
        ["api-key.create"] = ("Created", "create", "API key {0}"),
        ["api-key.revoke"] = ("Revoked", "revoke", "an API key"),
        ["api-key.rotate"] = ("Rotated", "rotate", "an API key"),
        ["api.request"] = ("Sent", "send", "a malformed API request"),
        ["audit.cut"] = ("Removed", "remove", "audit log entries past their retention"),
        ["audit.export"] = ("Exported", "export", "the audit log"),
        ["billing.checkout"] = ("Opened", "open", "the page to add a card"),
        ["billing.set-address"] = ("Changed", "change", "the billing address"),
        ["budget.alert"] = ("Sent", "send", "an alert about the monthly budget"),
        ["budget.cap"] = ("Applied", "apply", "the monthly budget's hard cap"),
        ["budget.remove"] = ("Removed", "remove", "the monthly budget"),
        ["budget.set"] = ("Set", "set", "the monthly budget"),
        ["connector.apply"] = ("Applied", "apply", "the manifest of connector {0}"),
        ["connector.try"] = ("Tried", "try", "a connector in {0}"),
        ["credit-note.create"] = ("Issued", "issue", "a credit note for invoice {0}"),
        ["credit.grant"] = ("Granted", "grant", "a credit"),
        ["credit.withdraw"] = ("Withdrew", "withdraw", "a credit"),
        ["dunning.begin"] = ("Noticed", "notice", "an overdue invoice"),
        ["dunning.block-publishing"] = ("Blocked", "block", "publishing because an invoice is overdue"),
        ["dunning.end"] = ("Ended", "end", "reminders about an overdue invoice"),
        ["dunning.extend"] = ("Extended", "extend", "the time to pay an overdue invoice"),
        ["dunning.lift"] = ("Lifted", "lift", "limits for an overdue invoice"),
        ["dunning.remind"] = ("Sent", "send", "a reminder about an overdue invoice"),
        ["dunning.restrict"] = ("Paused", "pause", "changes that can raise the bill because an invoice is overdue"),
        ["dunning.suspend"] = ("Suspended", "suspend", "the organization because an invoice is overdue"),
        ["dunning.turn-off"] = ("Turned off", "turn off", "dunning"),
        ["dunning.turn-on"] = ("Turned on", "turn on", "dunning"),
        ["email.send-test"] = ("Sent", "send", "a test of email {0}"),
        ["function.apply"] = ("Applied", "apply", "the manifest of function {0}"),
        ["operator.note.add"] = ("Added", "add", "a note about {0}"),
        ["operator.note.remove"] = ("Deleted", "delete", "a note about {0}"),
        ["package.upload"] = ("Uploaded", "upload", "function package {0}"),
        ["package.delete"] = ("Deleted", "delete", "function package {0}"),
        ["cluster.set-connector-settings"] = ("Changed", "change", "what customers see and set of {0}"),
        ["cluster.allow-packages"] = ("Set", "set", "how cluster {0} runs customers' own functions"),
        ["cluster.accept-warnings"] = ("Accepted", "accept", "warnings about cluster {0}"),
        ["incident.change"] = ("Corrected", "correct", "an incident"),
        ["incident.end"] = ("Resolved", "resolve", "an incident"),
        ["incident.update"] = ("Updated", "update", "an incident"),
        ["incident.post"] = ("Posted", "post", "incident {0}"),
        ["invitation.accept"] = ("Accepted", "accept", "an invitation"),
        ["invitation.create"] = ("Invited", "invite", "{0}"),
        ["invitation.resend"] = ("Resent", "resend", "an invitation"),
        ["invitation.revoke"] = ("Revoked", "revoke", "an invitation"),
        ["invoice.compare-again"] = ("Checked", "check", "an invoice against Stripe again"),
        ["key.create"] = ("Created", "create", "a key in {0}"),
        ["key.delete"] = ("Deleted", "delete", "a key"),
        ["key.expire"] = ("Ended", "end", "an expired key"),
        ["key.rotate"] = ("Rotated", "rotate", "a key"),
        ["member.change"] = ("Changed", "change", "the role of a member"),
        ["member.end-created"] = ("Ended", "end", "what {0} created, after a recovery of the account"),
        ["member.leave"] = ("Left", "leave", "the organization"),
        ["member.notifications"] = ("Changed", "change", "which emails a member gets"),
        ["member.remove"] = ("Removed", "remove", "a member"),
        ["message.read"] = ("Read", "read", "messages of {0}"),
        ["message.send-back"] = ("Sent", "send", "dead letters of {0} back"),
        ["message.send-back.pause"] = ("Paused", "pause", "sending dead letters of {0} back"),
        ["message.send-back.resume"] = ("Resumed", "resume", "sending dead letters of {0} back"),
        ["message.send-back.stop"] = ("Stopped", "stop", "sending dead letters of {0} back"),
        ["message.send"] = ("Sent", "send", "a message to {0}"),
        ["migration.back.start"] = ("Started", "start", "copying messages back to Kafka"),
        ["migration.choose"] = ("Chose", "choose", "where a Kafka topic moves"),
        ["migration.connect"] = ("Changed", "change", "the Kafka connection of a migration"),
        ["migration.copy.pause"] = ("Paused", "pause", "copying from Kafka"),
        ["migration.copy.rate"] = ("Changed", "change", "the rate limit of a migration"),
        ["migration.copy.resume"] = ("Resumed", "resume", "copying from Kafka"),
        ["migration.copy.start"] = ("Started", "start", "copying from Kafka"),
        ["migration.copy.stop"] = ("Stopped", "stop", "copying from Kafka"),
        ["migration.create"] = ("Created", "create", "Kafka migration {0}"),
        ["migration.cut-over"] = ("Cut over", "cut over", "a Kafka migration"),
        ["migration.groups.back"] = ("Set", "set", "positions of consumer groups in Kafka"),
        ["migration.finish"] = ("Finished", "finish", "a Kafka migration"),
        ["migration.groups.move"] = ("Created", "create", "subscriptions for Kafka consumer groups"),
        ["migration.inventory"] = ("Started", "start", "an inventory of a Kafka cluster"),
        ["migration.map"] = ("Changed", "change", "the mapping rules of a migration"),
        ["migration.move.confirm"] = ("Confirmed", "confirm", "that an application moved from Kafka"),
        ["migration.prove"] = ("Started", "start", "verifying copies from Kafka"),
        ["migration.remove"] = ("Removed", "remove", "a Kafka migration"),
        ["migration.test"] = ("Tested", "test", "a Kafka connection"),
        ["namespace.set-policies"] = ("Changed", "change", "the policies of {0}"),
        ["namespace.set-retention"] = ("Changed", "change", "the retention of {0}"),
        ["oidc-client.change"] = ("Changed", "change", "an application"),
        ["oidc-client.delete"] = ("Deleted", "delete", "an application"),
        ["oidc-client.register"] = ("Registered", "register", "application {0}"),
        ["oidc-client.renew-secret"] = ("Renewed", "renew", "the secret of an application"),
        ["operator.sign-in-domain.approve"] = ("Approved", "approve", "the domain for single sign-on"),
        ["operator.view-as"] = ("Started", "start", "viewing this organization as an operator"),
        ["operator.view-as.end"] = ("Stopped", "stop", "viewing this organization as an operator"),
        ["organization.close"] = ("Closed", "close", "the organization"),
        ["organization.create"] = ("Created", "create", "the organization"),
        ["organization.set-time-zone"] = ("Set", "set", "the time zone of the organization"),
        ["namespace.set-masking"] = ("Changed", "change", "the masked fields of {0}"),
        ["organization.rename"] = ("Renamed", "rename", "the organization"),
        ["organization.reset-limits"] = ("Reset", "reset", "the limits to those of the plan"),
        ["organization.resume"] = ("Resumed", "resume", "the organization"),
        ["organization.set-limits"] = ("Changed", "change", "the limits"),
        ["organization.suspend"] = ("Suspended", "suspend", "the organization"),
        ["organization.transfer"] = ("Transferred", "transfer", "ownership of the organization"),
        ["period.close"] = ("Closed", "close", "the billing period {0}"),
        ["promotion.create"] = ("Created", "create", "promotion code {0}"),
        ["promotion.redeem"] = ("Redeemed", "redeem", "promotion code {0}"),
        ["promotion.withdraw"] = ("Withdrew", "withdraw", "promotion code {0}"),
        ["plan.begin"] = ("Started", "start", "the plan"),
        ["plan.change"] = ("Changed", "change", "the plan"),
        ["plan.keep"] = ("Kept", "keep", "the present plan"),
        ["plan.set"] = ("Changed", "change", "the plan"),
        ["provisioning.retry"] = ("Retried", "retry", "setting up {0}"),
        ["sample.create"] = ("Created", "create", "the sample company"),
        ["sign-in.no-longer-require"] = ("Stopped", "stop", "requiring single sign-on"),
        ["sign-in.remove"] = ("Removed", "remove", "single sign-on"),
        ["sign-in.require"] = ("Started", "start", "requiring single sign-on"),
        ["tax-settings.publish"] = ("Published", "publish", "tax settings"),
        ["tax-settings.withdraw"] = ("Withdrew", "withdraw", "tax settings"),
        ["tax.set-exemption"] = ("Changed", "change", "how the organization is taxed"),
        ["tax-id.add"] = ("Added", "add", "a tax ID"),
        ["tax-id.remove"] = ("Removed", "remove", "a tax ID"),
        ["sign-in.save"] = ("Changed", "change", "single sign-on"),
    };

    /// <summary>Verbs that do not just take -ed.</summary>
    private static readonly Dictionary<string, string> Irregular = new()
    {
        ["check"] = "Checked",
        ["list"] = "Viewed",
        ["read"] = "Read",
        ["reset"] = "Reset",
        ["rewind"] = "Rewound",
        ["run"] = "Ran",
        ["send"] = "Sent",
        ["set"] = "Set",
        ["skip"] = "Skipped",
        ["stop"] = "Stopped",
        ["try-again"] = "Retried",
    };

    /// <summary>What an operator looks at is one thing to the customer, whatever was on the page.</summary>
    private const string Looked = "Viewed this organization as an operator";

    public static string Of(AuditRecord record)
    {
        if (record.OnBehalfOf is not null && record.Details.ContainsKey("viewAs") && record.Operation != "operator.view-as")
            return Looked;
        var (done, toDo, what) = Parts(record.Operation);
        var sentence = string.Format(System.Globalization.CultureInfo.InvariantCulture, what, record.Subject).TrimEnd();
        return record.Outcome == AuditOutcome.Allowed ? $"{done} {sentence}" : $"Tried to {toDo} {sentence}";
    }

    /// <summary>The portal's own workers have house names; everybody else came from an address.</summary>
    public static string Who(AuditRecord record) => record is { AccountId: null, Address: null } ? "Portal" : record.Actor;

    /// <summary>An operation that nobody wrote words for still reads: its name is a thing and a verb.</summary>
    private static (string Done, string ToDo, string What) Parts(string operation)
    {
        if (Known.TryGetValue(operation, out var known))
            return known;
        var dot = operation.LastIndexOf('.');
        var (thing, verb) = dot < 0 ? ("", operation) : (operation[..dot], operation[(dot + 1)..]);
        var words = verb.Replace('-', ' ');
        var done = Irregular.TryGetValue(verb, out var past)
            ? past
            : char.ToUpperInvariant(words[0]) + words[1..] + (words.EndsWith('e') ? "d" : "ed");
        return (done, words, $"{thing.Replace('-', ' ').Replace('.', ' ')} {{0}}".TrimStart());
    }
}
