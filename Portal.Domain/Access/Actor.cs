using Portal.Domain.Common;

namespace Portal.Domain.Access;

/// <summary>Who asks. What it may do is not in here: <see cref="AccessGuard"/> reads memberships afresh for every operation.</summary>
/// <param name="AccountId">Null for nobody and for the portal's own workers.</param>
/// <param name="Name">For the audit log: an email address, a key's name or a worker's.</param>
/// <param name="IsOperator">Runs the platform; says nothing about any organization. Never true where <see cref="Reach"/> narrows the
/// actor.</param>
/// <param name="Address">The client's network address, null for workers.</param>
/// <param name="TraceId">The request's trace id, for support.</param>
public sealed record Actor(AccountId? AccountId, string Name, bool IsOperator, string? Address = null, string? TraceId = null)
{
    public static Actor Anonymous { get; } = new(null, "anonymous", false);

    /// <summary>One of the portal's own workers, for example <c>month-close</c>.</summary>
    public static Actor Worker(string name) => new(null, name, false) { IsWorker = true };

    public bool IsOperator
    {
        get => field && Reach is null && !NeedsSecondFactor;
        init;
    } = IsOperator;

    /// <summary>Would run the platform, but for the second factor that the installation asks of its operators.</summary>
    public bool NeedsSecondFactor { get; init; }

    public bool IsWorker { get; private init; }

    /// <summary>The IANA time zone that its browser told, null for anything else.</summary>
    public string? TimeZone { get; init; }

    /// <summary>What an organization's API key or client brings instead of a membership; such an actor has no account.</summary>
    public Grant? Grant { get; init; }

    /// <summary>
    /// The account that made the key, or was shown the client's secret: what it makes ends with that person's membership, as
    /// what they make themselves does. It gives no right. Null for accounts, and where nobody is known.
    /// </summary>
    public AccountId? Behind { get; init; }

    /// <summary>Whose it is what this actor makes.</summary>
    public AccountId? Maker => AccountId ?? Behind;

    /// <summary>
    /// The API key that it brings, of an organization or of the account; what is made with one can be ended with it. Null for browsers and
    /// clients.
    /// </summary>
    public ApiKeyId? ApiKey { get; init; }

    /// <summary>The application that a person acts through, or that acts as its organization. Null for browsers and API keys.</summary>
    public OidcClientId? Client { get; init; }

    /// <summary>For whom it acts, for the audit log: the person behind a client.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>What an account acts with where it is not a browser, for the audit log: <c>key:deploy</c>.</summary>
    public string? Via { get; init; }

    /// <summary>
    /// The roles that a client's scopes stand for: it may do what one of them allows, as far as the membership allows it
    /// too. Null for no bound.
    /// </summary>
    public IReadOnlyList<Role>? Bounds { get; init; }

    /// <summary>
    /// The one organization that it may act in, whatever memberships its account has: set for a client that an organization
    /// registered, so that who runs one organization's client gets nothing of another.
    /// </summary>
    public OrganizationId? Only { get; init; }

    /// <summary>Set while an operator looks at one organization with a token made for that: nothing else is open to it.</summary>
    public ViewAsId? ViewAs { get; init; }

    /// <summary>The sign-in of the browser that asks; null for scripts and workers.</summary>
    public SessionId? Session { get; init; }

    /// <summary>
    /// The link of the provider outside the portal that the person signed in with; null for the portal's own ways and for keys.
    /// </summary>
    public string? Provider { get; init; }

    /// <summary>The person proved to the portal itself who they are: with the password, a code or a passkey of the account.</summary>
    public bool ProvedHere { get; init; }

    /// <summary>
    /// Set while only an organization's own provider vouches for the person: the one organization that it vouches for.
    /// Whoever runs that provider can sign in as any of its people, so nothing else of theirs is open to it.
    /// </summary>
    public OrganizationId? Reach => ProvedHere ? null : ProviderLink.OrganizationOf(Provider);
}

/// <summary>A role in one organization that comes with a credential and ends with it.</summary>
public sealed record Grant(OrganizationId Organization, Role Role, Scope Scope);
