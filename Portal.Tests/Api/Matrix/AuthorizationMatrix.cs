namespace Portal.Tests.Api.Matrix;

/// <summary>Where a role must hold for the operation.</summary>
internal enum Place
{
    /// <summary>No organization's: of an account or of the platform.</summary>
    Outside,

    /// <summary>In the whole organization.</summary>
    Whole,

    /// <summary>Anywhere in it; what is answered is cut to the role.</summary>
    Anywhere,

    /// <summary>In the whole tenant that is named.</summary>
    Tenant,

    /// <summary>In the tenant that is named or in one of its namespaces; elsewhere the tenant does not exist.</summary>
    Touching,

    /// <summary>In the namespace that is named.</summary>
    Namespace,
}

/// <summary>One line of the table: who may, and what asks for it.</summary>
/// <param name="UseCase">Its class; null for a page or an address that is no single use case's.</param>
/// <param name="Who">
/// In an organization <c>O A B D V</c>: owner, admin, billing, developer, viewer; then <c>look</c> for an operator who views
/// as the customer, <c>sus</c> where it goes on while the organization is suspended, <c>person</c> where no script may; a point stands for
/// no. Else one of
/// <see cref="Others"/>.
/// </param>
/// <param name="Faces">Addresses that call it: <c>GET /api/v1/…</c>, <c>page /…</c>.</param>
internal sealed record Rule(string? UseCase, string Who, Place Place, params string[] Faces)
{
    public bool Has(string word) => Who.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(word);

    public override string ToString() => UseCase ?? string.Join(", ", Faces);
}

/// <summary>
/// Who may do what: the whole of it, in words of its own and not in those of the code it tests. A use case, an endpoint
/// or a page without a line here fails the build, and so does a line without one. The removed member with an open page
/// is in the members' journey, which waits for the circuit.
/// </summary>
internal static partial class AuthorizationMatrix
{
    /// <summary>Anybody, signed in or not.</summary>
    public const string Everybody = "everybody";

    /// <summary>Any account, through a key or a look as well; not an organization's key.</summary>
    public const string Account = "account";

    /// <summary>The person of an account or a key of the account; not an organization's key, not a look.</summary>
    public const string Person = "person";

    /// <summary>The person at a browser who just proved who it is; no script at all.</summary>
    public const string AtBrowser = "at-browser";

    /// <summary>An operator, while not looking at a customer.</summary>
    public const string Operator = "operator";

    public static readonly string[] Others = [Everybody, Account, Person, AtBrowser, Operator];

    private const string Org = "/api/v1/organizations/{org}";
    private const string Tenants = Org + "/tenants";
    private const string InTenant = Tenants + "/{tenant}";
    private const string InNamespace = InTenant + "/namespaces/{namespace}";
    private const string InConnector = InTenant + "/connectors/{namespace}/{name}";
    private const string InFunction = InTenant + "/functions/{namespace}/{name}";
    private const string InPackage = InTenant + "/packages/{namespace}/{name}";
    private const string InTopic = InNamespace + "/topics/{topic}";

    public static IEnumerable<Rule> All => [.. Organizations, .. Resources, .. Money, .. Accounts, .. Platform, .. Pages];

    /// <summary>The portal's own work: nobody asks for it through a page or the API, and no actor is given to it.</summary>
    public static readonly string[] Inside =
    [
        "AdmitClient",
        "AuthenticateApiKey",
        "CheckSession",
        "CreateStripeCustomer",
        "CutKeyConnections",
        "EnsureShippedPlans",
        "EnsureShippedPriceBook",
        "FindSignInProvider",
        "GetIssuer",
        "GetPlans",
        "GetPriceNote",
        "GetPrices",
        "ListSignInProviders",
        "NoteApiKeyUse",
        "NoteKeyUse",
        "OfferPasskeySignIn",
        "OpenInvitation",
        "PollCluster",
        "ReceivePaymentEvent",
        "RecheckSessions",
        "SeedClusters",
        "SendSampleTraffic",
        "TendOidcKeys",
        "WatchMetering",
        "WorkRunner",
    ];

    /// <summary>The protocol of OpenID Connect decides by its own rules who gets what: the tests of the provider hold them.</summary>
    public static readonly string[] OpenIdConnect =
    [
        "GET /connect/authorize",
        "POST /connect/authorize",
        "GET /connect/continue",
        "GET /connect/continue/end-session",
        "GET /connect/end-session",
        "POST /connect/end-session",
        "GET /sign-in/external/{key}",
        "GET /sign-in/external/{key}/callback",
        "GET /sign-in/sso/{key}",
        "GET /sign-in/sso/{key}/callback",
        "POST /connect/token",
        "GET /connect/userinfo",
        "POST /connect/userinfo",
    ];

    private static readonly Rule[] Organizations =
    [
        new("CreateOrganization", Person, Place.Outside, "POST /api/v1/organizations"),
        new("CheckSlug", Person, Place.Outside),
        new("ListOrganizations", Account, Place.Outside, "GET /api/v1/organizations"),
        new("GetOrganization", "O A B D V look sus", Place.Anywhere, "GET " + Org),
        new("GetOrganizationSummary", "O A B D V look sus", Place.Anywhere, "page /o/{Org}"),
        new("WatchOrganization", "O A B D V look sus", Place.Anywhere),
        new("RenameOrganization", "O A . . . . sus", Place.Whole, "PATCH " + Org),
        new("SetOrganizationTimeZone", "O A . . . . sus", Place.Whole, $"PUT {Org}/time-zone"),
        new("CloseOrganization", "O . . . . . sus", Place.Whole, $"POST {Org}/close"),
        new("ListMembers", "O A B D V look sus", Place.Whole, $"GET {Org}/members", "page /o/{Org}/settings/members"),
        new("ChangeMember", "O A . . . . sus", Place.Whole, $"PUT {Org}/members/{{id}}"),
        new(
            "ListMemberNotices",
            "O A B D V look sus",
            Place.Whole,
            $"GET {Org}/notification-settings",
            "page /o/{Org}/settings/notifications"
        ),
        new("SetMemberNotices", "O A . . . . sus", Place.Whole, $"PUT {Org}/notification-settings/{{id}}"),
        new("RemoveMember", "O A . . . . sus", Place.Whole, $"DELETE {Org}/members/{{id}}"),
        new("ListGivenByMember", "O A . . . . sus", Place.Whole, $"GET {Org}/members/{{id}}/credentials"),
        new("TransferOwnership", "O . . . . . sus", Place.Whole, $"POST {Org}/ownership"),
        new("InviteMember", "O A . . . . .", Place.Whole, $"POST {Org}/invitations"),
        new("ResendInvitation", "O A . . . . .", Place.Whole, $"POST {Org}/invitations/{{id}}/resend"),
        new("RevokeInvitation", "O A . . . . sus", Place.Whole, $"DELETE {Org}/invitations/{{id}}"),
        new("ListInvitations", "O A . . . . sus", Place.Whole, $"GET {Org}/invitations"),
        new("AcceptInvitation", Person, Place.Outside, "POST /api/v1/invitations/{token}/accept"),
        new("ListOidcClients", "O A . . . . sus", Place.Whole, $"GET {Org}/oidc-clients", "page /o/{Org}/settings/applications"),
        new("RegisterOidcClient", "O A . . . . sus person", Place.Whole, $"POST {Org}/oidc-clients"),
        new("ChangeOidcClient", "O A . . . . sus person", Place.Whole, $"PUT {Org}/oidc-clients/{{id}}"),
        new("RenewOidcClientSecret", "O A . . . . sus person", Place.Whole, $"POST {Org}/oidc-clients/{{id}}/secret"),
        new("DeleteOidcClient", "O A . . . . sus", Place.Whole, $"DELETE {Org}/oidc-clients/{{id}}"),
        new("GetOrganizationSignIn", "O . . . . . sus", Place.Whole, $"GET {Org}/sign-in", "page /o/{Org}/settings/sign-in"),
        new("SaveOrganizationSignIn", "O . . . . . sus person", Place.Whole, $"PUT {Org}/sign-in"),
        new("RequireOrganizationSignIn", "O . . . . . sus", Place.Whole, $"PUT {Org}/sign-in/required"),
        new("RemoveOrganizationSignIn", "O . . . . . sus", Place.Whole, $"DELETE {Org}/sign-in"),
        new("ListAudit", "O A . . . look sus", Place.Whole, $"GET {Org}/audit", "page /o/{Org}/settings/audit"),
        new("ExportAudit", "O A . . . look sus", Place.Whole, $"GET {Org}/audit/export"),
        new("CreateApiKey", "O A . . . . sus person", Place.Whole, $"POST {Org}/api-keys"),
        new("RotateApiKey", "O A . . . . sus person", Place.Whole, $"POST {Org}/api-keys/{{id}}/rotate"),
        new("RevokeApiKey", "O A . . . . sus", Place.Whole, $"DELETE {Org}/api-keys/{{id}}"),
        new("ListMadeWithApiKey", "O A . . . . sus", Place.Whole, $"GET {Org}/api-keys/{{id}}/credentials"),
        new("ListApiKeys", "O A . . . . sus", Place.Whole, $"GET {Org}/api-keys", "page /o/{Org}/settings/api-keys"),
        new("GetApiKey", "O A . . . . sus", Place.Whole, $"GET {Org}/api-keys/{{id}}"),
    ];

    private static readonly Rule[] Money =
    [
        new("GetUsage", "O A B D V look sus", Place.Anywhere, $"GET {Org}/usage", "GET /o/{org}/usage.csv", "page /o/{Org}/usage"),
        new("GetTopicMetrics", "O A . D V look sus", Place.Anywhere, $"GET {Org}/metrics"),
        new("ListUsageSamples", "O A B D V look sus", Place.Whole, $"GET {Org}/usage/samples"),
        new("GetCompleteTo", "O A B D V look sus", Place.Anywhere),
        new("GetStored", "O A B D V look sus", Place.Anywhere),
        new("GetTopicFigures", "O A B D V look sus", Place.Anywhere),
        new("GetTenantFigures", "O A B D V look sus", Place.Anywhere),
        new("GetCurrentBill", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/current", "page /o/{Org}/billing"),
        new("GetOverdue", "O A B . . look sus", Place.Whole),
        new("ListRedemptions", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/promotion-codes"),
        new("RedeemPromotionCode", "O A B . . . sus", Place.Whole, $"POST {Org}/billing/promotion-codes"),
        new("GetCredits", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/credits", "page /o/{Org}/billing/credits"),
        new("ListCreditEntries", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/credits/entries"),
        new("ChangePlan", "O A B . . . sus", Place.Whole, $"PUT {Org}/billing/plan"),
        new("PreviewPlanChange", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/plan/preview"),
        new("GetWhatIf", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/what-if", "page /o/{Org}/billing/what-if"),
        new("GetBudget", "O A B . . look sus", Place.Whole, $"GET {Org}/budgets"),
        new("SetBudget", "O A B . . . sus", Place.Whole, $"PUT {Org}/budgets/monthly"),
        new("RemoveBudget", "O A B . . . sus", Place.Whole, $"DELETE {Org}/budgets/monthly"),
        new("KeepPlan", "O A B . . . sus", Place.Whole, $"DELETE {Org}/billing/plan/pending"),
        new("StartCheckout", "O A B . . . sus", Place.Whole, $"POST {Org}/billing/checkout"),
        new("CompleteCheckout", "O A B . . . sus", Place.Whole, $"POST {Org}/billing/checkout/complete"),
        new("ListPaymentMethods", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/payment-methods"),
        new("ListInvoices", "O A B . . look sus", Place.Whole, $"GET {Org}/invoices"),
        new("GetInvoice", "O A B . . look sus", Place.Whole, $"GET {Org}/invoices/{{number}}"),
        new(
            "GetCorrectedInvoice",
            "O A B . . look sus",
            Place.Whole,
            "page /o/{Org}/billing/invoices/{Number}",
            "GET /o/{org}/billing/invoices/{number}/csv"
        ),
        new("ListTaxIds", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/tax-ids"),
        new("AddTaxId", "O A B . . . sus", Place.Whole, $"POST {Org}/billing/tax-ids"),
        new("GetBillingTax", "O A B . . look sus", Place.Whole, $"GET {Org}/billing/tax"),
        new("SetBillingAddress", "O A B . . . sus", Place.Whole, $"PUT {Org}/billing/address"),
        new("RemoveTaxId", "O A B . . . sus", Place.Whole, $"DELETE {Org}/billing/tax-ids/{{id}}"),
        new("ListCreditNotes", "O A B . . look sus", Place.Whole, $"GET {Org}/credit-notes"),
        new("GetCreditNote", "O A B . . look sus", Place.Whole, $"GET {Org}/credit-notes/{{number}}"),
        new("GetInvoiceLine", "O A B . . look sus", Place.Whole, $"GET {Org}/invoices/{{number}}/lines/{{meter}}"),
    ];
}
