namespace Portal.Hosting;

internal static class SecurityHeaders
{
    /// <summary>
    /// Scripts only from our own files: no inline ones, no evaluation. Styles may be inline, since MudBlazor sets style
    /// attributes on its elements and writes its palette into a style element; a style cannot run code.
    /// </summary>
    public static void UsePortalSecurityHeaders(this WebApplication app)
    {
        var policies = new HeaderPolicyCollection()
            .AddFrameOptionsDeny()
            .AddContentTypeOptionsNoSniff()
            .AddReferrerPolicyStrictOriginWhenCrossOrigin()
            .AddCrossOriginOpenerPolicy(policy => policy.SameOrigin())
            .AddCrossOriginResourcePolicy(policy => policy.SameOrigin())
            .AddPermissionsPolicy(policy =>
            {
                policy.AddDefaultSecureDirectives();
                // Passkeys, on our own pages only.
                policy.AddCustomFeature("publickey-credentials-get").Self();
                policy.AddCustomFeature("publickey-credentials-create").Self();
            })
            .RemoveServerHeader()
            .AddContentSecurityPolicy(policy =>
            {
                policy.AddDefaultSrc().Self();
                // The nonce is for the one inline script of the API's readable page.
                policy.AddScriptSrc().Self().WithNonce();
                policy.AddStyleSrc().Self().UnsafeInline();
                policy.AddImgSrc().Self().Data();
                policy.AddFontSrc().Self();
                // 'self' covers the circuit's WebSocket of the same host in all present browsers (CSP 3).
                policy.AddConnectSrc().Self();
                policy.AddObjectSrc().None();
                policy.AddBaseUri().Self();
                policy.AddFormAction().Self();
                policy.AddFrameAncestors().None();
            });
        // Over https only, and never for localhost.
        if (app.Environment.IsProduction())
            policies.AddStrictTransportSecurityMaxAge((int)TimeSpan.FromDays(365).TotalSeconds);
        app.UseSecurityHeaders(policies);
    }
}
