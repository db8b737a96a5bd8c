using System.Text;

namespace Portal.Domain.Access;

/// <summary>One operation that asks for more than being signed in.</summary>
/// <param name="Operation">As <see cref="Access.Operation.Name"/>.</param>
/// <param name="Because">For docs/security.md, after "because".</param>
/// <param name="Giving">Asked for only where the operation gives this role.</param>
public sealed record ProofRow(string Operation, Proof Proof, string Because, Role? Giving = null);

/// <summary>
/// Which operation wants a fresh proof of who is at the browser, and which is for people only. The one place: an operation
/// cannot choose for itself, <c>docs/security.md</c> shows this table, and a test walks every use case through it. No key
/// and no application makes, changes or renews a way into Portal, so that ending it ends what came of it.
/// </summary>
public static class ProofTable
{
    private const string Credential = "it makes a way in that outlives the session";
    private const string WayIn = "it changes how somebody gets into the account";
    private const string Ends = "it cannot be taken back";
    private const string Money = "it decides what somebody pays";

    public static IReadOnlyList<ProofRow> Rows { get; } =
    [
        new("account.api-key.create", Proof.FreshByPerson, Credential),
        new("account.api-key.rotate", Proof.FreshByPerson, Credential),
        new("account.email.request", Proof.FreshByPerson, WayIn),
        new("account.login.link", Proof.FreshByPerson, WayIn),
        new("account.login.unlink", Proof.Fresh, WayIn),
        new("account.passkey.add", Proof.FreshByPerson, WayIn),
        new("account.passkey.remove", Proof.Fresh, WayIn),
        new("account.recovery-codes.renew", Proof.FreshByPerson, WayIn),
        new("account.two-factor.begin", Proof.FreshByPerson, WayIn),
        new("account.two-factor.off", Proof.FreshByPerson, WayIn),
        new("account.two-factor.on", Proof.FreshByPerson, WayIn),
        new("api-key.create", Proof.FreshByPerson, Credential),
        new("api-key.rotate", Proof.FreshByPerson, Credential),
        new("billing.checkout", Proof.Fresh, Money),
        new("billing.payment-methods", Proof.Fresh, Money),
        new("cluster.allow-packages", Proof.Fresh, "it lets customers' code run on the cluster"),
        new("cluster.change", Proof.Fresh, "it decides where the stored credentials are sent"),
        new("cluster.register", Proof.Fresh, "it decides where the stored credentials are sent"),
        new("cluster.remove", Proof.Fresh, Ends),
        new("credit-note.create", Proof.Fresh, Money),
        new("credit.grant", Proof.Fresh, Money),
        new("credit.withdraw", Proof.Fresh, Money),
        new("invitation.create", Proof.Fresh, "owners can do everything", Role.Owner),
        new("member.change", Proof.Fresh, "owners can do everything", Role.Owner),
        new("migration.back.start", Proof.Fresh, "it writes to a customer's own Kafka cluster"),
        new("migration.finish", Proof.Fresh, Ends),
        new("migration.groups.back", Proof.Fresh, "it writes to a customer's own Kafka cluster"),
        new("month.close", Proof.Fresh, Money),
        new("oidc-client.change", Proof.FreshByPerson, "another redirect address receives what people authorize"),
        new("oidc-client.register", Proof.FreshByPerson, Credential),
        new("oidc-client.renew-secret", Proof.FreshByPerson, Credential),
        new("operator.oidc-keys.rotate", Proof.Fresh, "every application has to follow"),
        new("operator.sign-in-domain.approve", Proof.Fresh, "it gives an organization the addresses of a domain"),
        new("operator.view-as", Proof.FreshByPerson, "it opens a customer's organization, and gives a token"),
        new("organization.close", Proof.Fresh, Ends),
        new("organization.transfer", Proof.Fresh, Ends),
        new("price-book.publish", Proof.Fresh, Money),
        new("price-book.withdraw", Proof.Fresh, Money),
        new("promotion.create", Proof.Fresh, Money),
        new("sign-in.no-longer-require", Proof.Fresh, "it changes how members get in"),
        new("sign-in.remove", Proof.Fresh, "it changes how members get in"),
        new("sign-in.require", Proof.Fresh, "it changes how members get in"),
        new("sign-in.save", Proof.FreshByPerson, "whoever runs the provider signs in as its people"),
        new("tax-settings.publish", Proof.Fresh, Money),
        new("tax-settings.withdraw", Proof.Fresh, Money),
        new("tax.set-exemption", Proof.Fresh, Money),
    ];

    private static readonly Dictionary<string, ProofRow> ByName = Rows.ToDictionary(row => row.Operation, StringComparer.Ordinal);

    internal static Proof For(Operation operation) =>
        ByName.TryGetValue(operation.Name, out var row) && (row.Giving is not { } role || Gives(operation, role))
            ? row.Proof
            : Proof.SignIn;

    /// <summary>The table as docs/security.md shows it.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder("| Operation | Fresh proof | API keys and applications | Because |\n|---|---|---|---|\n");
        foreach (var row in Rows)
        {
            var name = row.Giving is { } role ? $"`{row.Operation}` (role {role.ToString().ToLowerInvariant()})" : $"`{row.Operation}`";
            text.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"| {name} | yes | {(row.Proof == Proof.FreshByPerson ? "no" : "yes, within their role")} | {row.Because} |\n"
            );
        }
        return text.ToString();
    }

    private static bool Gives(Operation operation, Role role) =>
        operation.Details?.GetValueOrDefault("role") is { } given && given.Equals(role.ToString(), StringComparison.OrdinalIgnoreCase);
}
