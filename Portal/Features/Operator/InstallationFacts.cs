namespace Portal.Features.Operator;

/// <summary>What of the installation's own settings an operator has still to see to before customers come.</summary>
/// <param name="ChargesForReal">A Stripe key is set; otherwise LocalStripe plays its part.</param>
/// <param name="SendsEmail">An SMTP server is set; otherwise emails wait on the outbox page.</param>
/// <param name="HasPublicUrl">The address that customers use is set, and so is right in emails and snippets.</param>
/// <param name="EncryptsKeyRing">Secrets in the database can't be opened with the database alone.</param>
/// <param name="RequiresSecondFactor">A stolen password alone doesn't open the console.</param>
public sealed record InstallationFacts(
    bool ChargesForReal,
    bool SendsEmail,
    bool HasPublicUrl,
    bool EncryptsKeyRing,
    bool RequiresSecondFactor
);
