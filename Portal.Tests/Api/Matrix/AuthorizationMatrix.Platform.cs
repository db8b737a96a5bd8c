namespace Portal.Tests.Api.Matrix;

internal static partial class AuthorizationMatrix
{
    private const string Me = "/api/v1/account";
    private const string Ops = "/api/v1/operator";

    private static readonly Rule[] Accounts =
    [
        new("CreateFirstAccount", Everybody, Place.Outside, "page /first-run"),
        new("SignUp", Everybody, Place.Outside, "page /sign-up"),
        new("SignIn", Everybody, Place.Outside, "page /sign-in"),
        new("FinishSignIn", Everybody, Place.Outside, "page /sign-in/code"),
        new("ResendVerification", Everybody, Place.Outside),
        new("VerifyEmail", Everybody, Place.Outside, "page /verify"),
        new("RequestPasswordReset", Everybody, Place.Outside, "page /forgot"),
        new("ResetPassword", Everybody, Place.Outside, "page /reset"),
        new("SignUpInvited", Everybody, Place.Outside, "page /invitations/{Token}"),
        new("SignInExternally", Everybody, Place.Outside, "GET /sign-in/continue", "page /sign-in/failed"),
        new("FindOrganizationOfEmail", Everybody, Place.Outside, "page /sign-in/sso"),
        new("OfferLink", AtBrowser, Place.Outside),
        new("LinkExternalLogin", AtBrowser, Place.Outside),
        new("ListExternalLogins", Person, Place.Outside, $"GET {Me}/logins"),
        new("UnlinkExternalLogin", Person, Place.Outside, $"POST {Me}/logins/unlink"),
        new("GetConsentRequest", Person, Place.Outside, "page /connect/consent"),
        new("GrantConsent", Person, Place.Outside),
        new("ListConsents", Person, Place.Outside, $"GET {Me}/applications", "page /account/applications"),
        new("RevokeConsent", Person, Place.Outside, $"DELETE {Me}/applications/{{id}}"),
        new("GetAccount", Account, Place.Outside, "GET " + Me),
        new("ChangePassword", Person, Place.Outside),
        new("GetProof", Account, Place.Outside),
        new("ConfirmIdentity", AtBrowser, Place.Outside),
        new("ListSessions", Person, Place.Outside, $"GET {Me}/sessions"),
        new("EndSession", Person, Place.Outside, $"DELETE {Me}/sessions/{{id:guid}}"),
        new("SignOutEverywhere", Person, Place.Outside, $"DELETE {Me}/sessions"),
        new("SignOut", Person, Place.Outside),
        new("GetTwoFactor", Person, Place.Outside, $"GET {Me}/two-factor"),
        new("BeginTotp", AtBrowser, Place.Outside),
        new("ConfirmTotp", AtBrowser, Place.Outside),
        new("RenewRecoveryCodes", AtBrowser, Place.Outside),
        new("DisableTotp", AtBrowser, Place.Outside),
        new("SignInWithPasskey", Everybody, Place.Outside, "POST /sign-in/passkey/offer"),
        new("OfferPasskey", AtBrowser, Place.Outside),
        new("AddPasskey", AtBrowser, Place.Outside),
        new("ListPasskeys", Person, Place.Outside, $"GET {Me}/passkeys"),
        new("RenamePasskey", Person, Place.Outside, $"PATCH {Me}/passkeys/{{id}}"),
        new("RemovePasskey", Person, Place.Outside, $"DELETE {Me}/passkeys/{{id}}"),
        new("OfferPasskeyProof", Person, Place.Outside),
        new("ConfirmWithPasskey", AtBrowser, Place.Outside),
        new("GetEmailChange", Person, Place.Outside, "page /account/email"),
        new("RequestEmailChange", AtBrowser, Place.Outside),
        new("CancelEmailChange", Person, Place.Outside),
        new("ConfirmEmailChange", Everybody, Place.Outside, "page /account/email/confirm"),
        // The browser's own token guards the challenges of passkeys.
        new(null, Everybody, Place.Outside, "POST /account/passkeys/offer", "POST /account/confirm/offer"),
        new("ListAccountApiKeys", Person, Place.Outside, $"GET {Me}/api-keys", "page /account/api-keys"),
        new("CreateAccountApiKey", Person, Place.Outside, $"POST {Me}/api-keys"),
        new("RotateAccountApiKey", Person, Place.Outside, $"POST {Me}/api-keys/{{id}}/rotate"),
        new("RevokeAccountApiKey", Person, Place.Outside, $"DELETE {Me}/api-keys/{{id}}"),
    ];

    private static readonly Rule[] Platform =
    [
        new("ListAllOrganizations", Operator, Place.Outside, $"GET {Ops}/organizations", "page /operator/organizations"),
        new("SuspendOrganization", Operator, Place.Outside, $"POST {Ops}/organizations/{{org}}/suspend"),
        new("ResumeOrganization", Operator, Place.Outside, $"POST {Ops}/organizations/{{org}}/resume"),
        new("ListSignInDomains", Operator, Place.Outside, $"GET {Ops}/sign-in-domains"),
        new("ApproveSignInDomain", Operator, Place.Outside, $"POST {Ops}/sign-in-domains/{{org}}/approve"),
        new("SetPlan", Operator, Place.Outside, $"PUT {Ops}/organizations/{{org}}/plan"),
        new("StartViewAs", Operator, Place.Outside, $"POST {Ops}/organizations/{{org}}/view-as"),
        new("EndViewAs", Operator, Place.Outside, $"DELETE {Ops}/organizations/{{org}}/view-as"),
        new("ListPriceBooks", Operator, Place.Outside, $"GET {Ops}/price-books", "page /operator/prices"),
        new("PublishPriceBook", Operator, Place.Outside, $"POST {Ops}/price-books"),
        new("CloseMonth", Operator, Place.Outside, $"POST {Ops}/months/{{month}}/close"),
        new("ListWork", Operator, Place.Outside, $"GET {Ops}/jobs", $"GET {Ops}/work", "page /operator/jobs"),
        new("ListLanes", Operator, Place.Outside, $"GET {Ops}/work/lanes"),
        new("GetWork", Operator, Place.Outside, $"GET {Ops}/jobs/{{job}}", $"GET {Ops}/work/{{work}}"),
        new("ChangeWork", Operator, Place.Outside,
            $"POST {Ops}/work/{{work}}/try-again", $"POST {Ops}/work/{{work}}/skip", $"POST {Ops}/work/{{work}}/pause", $"POST {Ops}/work/{{work}}/resume", $"POST {Ops}/work/{{work}}/stop"),
        new("ListDifferences", Operator, Place.Outside, $"GET {Ops}/differences"),
        new("WatchPlatform", Operator, Place.Outside),
        new("ListUnsettledInvoices", Operator, Place.Outside, $"GET {Ops}/invoices/unsettled"),
        new("CompareInvoiceAgain", Operator, Place.Outside),
        new("CheckClusters", Operator, Place.Outside, $"GET {Ops}/clusters"),
        new("CheckCluster", Operator, Place.Outside),
        new("ListRegisteredClusters", Operator, Place.Outside, "page /operator/clusters"),
        new("GetCluster", Operator, Place.Outside, $"GET {Ops}/clusters/{{name}}"),
        new("RegisterCluster", Operator, Place.Outside, $"POST {Ops}/clusters"),
        new("ChangeCluster", Operator, Place.Outside, $"PUT {Ops}/clusters/{{name}}"),
        new("RemoveCluster", Operator, Place.Outside, $"DELETE {Ops}/clusters/{{name}}"),
        new("PreflightCluster", Operator, Place.Outside, $"POST {Ops}/clusters/{{name}}/check"),
        new("DrainCluster", Operator, Place.Outside, $"POST {Ops}/clusters/{{name}}/drain", $"POST {Ops}/clusters/{{name}}/activate"),
        new("ListClusters", Account, Place.Outside),
        new("GetMeteringHealth", Operator, Place.Outside, $"GET {Ops}/metering", "page /operator/metering"),
        new("ListPlatformAudit", Operator, Place.Outside, $"GET {Ops}/audit", "page /operator/audit"),
        new("ExportPlatformAudit", Operator, Place.Outside, $"GET {Ops}/audit/export"),
        new("VerifyAudit", Operator, Place.Outside, $"POST {Ops}/audit/verify"),
        new("ListMails", Operator, Place.Outside),
        new("ListOidcKeys", Operator, Place.Outside, $"GET {Ops}/oidc/keys", "page /operator/sign-in"),
        new("RotateOidcKeys", Operator, Place.Outside, $"POST {Ops}/oidc/keys/rotate"),
        // The same use cases as an organization's clients, with no organization.
        new(null, Operator, Place.Outside, $"GET {Ops}/oidc-clients", $"POST {Ops}/oidc-clients", $"PUT {Ops}/oidc-clients/{{id}}", $"POST {Ops}/oidc-clients/{{id}}/secret", $"DELETE {Ops}/oidc-clients/{{id}}"),
    ];

    /// <summary>Pages that are more than one use case or none, and what is served beside the API.</summary>
    private static readonly Rule[] Pages =
    [
        new(null, Everybody, Place.Outside, "page /", "page /error", "page /not-found", "GET /health/live", "GET /health/ready", "GET /openapi/{documentName}.json"),
        new(null, Everybody, Place.Outside, "page /connect/sign-out", "GET /api/{documentName?}", "GET /api/scalar.js", "GET /api/scalar.aspnetcore.js", "GET /api/favicon.svg"),
        new(null, Everybody, Place.Outside, "page /sign-in/link"),
        // Signed by Stripe, not by a session; the form's own token guards signing out.
        new(null, Everybody, Place.Outside, "POST /webhooks/stripe", "POST /sign-out"),
        // In Development, where these tests run, open to who runs the portal; elsewhere to operators (AccountTests).
        new(null, Everybody, Place.Outside, "page /outbox", "GET /metrics"),
        new(null, Account, Place.Outside, "page /account", "page /organizations/new"),
        new(null, Person, Place.Outside, "page /account/security", "page /account/confirm"),
        new(null, AtBrowser, Place.Outside, "page /account/two-factor"),
        new(null, "O A B D V look sus", Place.Anywhere, "page /o/{Org}/settings/general"),
        // Suspended, they say so when something is made.
        new(null, "O A . D . . sus", Place.Whole, "page /o/{Org}/tenants/new"),
        new(null, "O A . D . . sus", Place.Touching, "page /o/{Org}/tenants/{Tenant}/topics/new"),
    ];
}
