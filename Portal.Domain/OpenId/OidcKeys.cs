using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.OpenId;

public enum OidcKeyUse
{
    Signing,
    Encryption,
}

/// <summary>A key pair of the provider: signs tokens, or encrypts those that only the portal reads.</summary>
public sealed class OidcKey
{
    private OidcKey() { }

    public OidcKey(OidcKeyId id, OidcKeyUse use, byte[] sealedKey, DateTimeOffset createdAt, DateTimeOffset activeFrom) =>
        (Id, Use, Sealed, CreatedAt, ActiveFrom) = (id, use, sealedKey, createdAt, activeFrom);

    public OidcKeyId Id { get; private set; }
    public OidcKeyUse Use { get; private set; }

    /// <summary>The private key, encrypted.</summary>
    public byte[] Sealed { get; private set; } = [];

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Published since it was made, used from here on: replicas and clients know a key before they meet it.</summary>
    public DateTimeOffset ActiveFrom { get; private set; }
}

/// <summary>How keys live.</summary>
/// <param name="RotateAfter">The age at which a key gets a successor by itself.</param>
/// <param name="Lead">From being made to being used: longer than any replica takes to read it.</param>
/// <param name="KeptFor">After a successor took over: as long as the longest token lives.</param>
public sealed record OidcKeySettings(TimeSpan RotateAfter, TimeSpan Lead, TimeSpan KeptFor);

public interface IOidcKeyStore
{
    Task<IReadOnlyList<OidcKey>> AllAsync(CancellationToken cancellationToken);
    void Add(OidcKey key);
    void Remove(OidcKey key);
}

/// <summary>Makes private keys; what comes out is encrypted and opened only by the portal.</summary>
public interface IOidcKeyMaker
{
    byte[] MakeSealed(OidcKeyUse use);
}

/// <summary>The state of a key, for the operator.</summary>
/// <param name="State"><c>next</c>, <c>current</c> or <c>old</c> (still checked, not used any more).</param>
public sealed record OidcKeyView(OidcKeyId Id, OidcKeyUse Use, DateTimeOffset CreatedAt, DateTimeOffset ActiveFrom, string State);

/// <summary>A successor for every key, by the operator: after a leak is feared, or by habit. Sign-ins and tokens live on.</summary>
public sealed class RotateOidcKeys(
    AccessGuard guard,
    IPortalDatabase database,
    IOidcKeyMaker maker,
    OidcKeySettings settings,
    TimeProvider clock
)
{
    public async Task<Outcome<Done>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.oidc-keys.rotate", "keys");
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        return await database.WriteAsync<Done>(
            actor,
            null,
            operation,
            async session =>
            {
                var now = clock.Now();
                if ((await session.OidcKeys.AllAsync(cancellationToken)).Any(key => key.ActiveFrom > now))
                    return new Problem.Conflict(
                        "oidc-keys-rotating",
                        "New keys were created a moment ago and will be used soon. Try again in a minute."
                    );
                foreach (var use in Enum.GetValues<OidcKeyUse>())
                    session.OidcKeys.Add(new(new(clock.NewUuid()), use, maker.MakeSealed(use), now, now + settings.Lead));
                return Outcome.Done;
            },
            cancellationToken
        );
    }
}

/// <summary>Keys at the first start, successors when they are due, and the end of those that no token needs any more.</summary>
public sealed class TendOidcKeys(IPortalDatabase database, IOidcKeyMaker maker, OidcKeySettings settings, TimeProvider clock)
{
    private static readonly Actor Worker = Actor.Worker("oidc-keys");

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Looked at without a lock first: nearly always there is nothing to do.
        if (!Plan(await database.ReadAsync(session => session.OidcKeys.AllAsync(cancellationToken), cancellationToken)).IsNeeded)
            return;
        await database.WriteAsync(
            Worker,
            null,
            new(Permission.OperatePlatform, "operator.oidc-keys.tend", "keys"),
            async session =>
            {
                // Another replica may have been first.
                var keys = await session.OidcKeys.AllAsync(cancellationToken);
                var (due, over) = Plan(keys);
                var now = clock.Now();
                foreach (var use in due)
                    session.OidcKeys.Add(
                        new(
                            new(clock.NewUuid()),
                            use,
                            maker.MakeSealed(use),
                            now,
                            keys.Any(key => key.Use == use) ? now + settings.Lead : now
                        )
                    );
                foreach (var key in over)
                    session.OidcKeys.Remove(key);
                return Outcome.Done;
            },
            cancellationToken
        );
    }

    private Work Plan(IReadOnlyList<OidcKey> keys)
    {
        var now = clock.Now();
        var due = Enum.GetValues<OidcKeyUse>()
            .Where(use => keys.All(key => key.Use != use || key.CreatedAt <= now - settings.RotateAfter))
            .ToList();
        var over = keys.Where(key =>
                keys.Any(next => next.Use == key.Use && next.CreatedAt > key.CreatedAt && next.ActiveFrom <= now - settings.KeptFor)
            )
            .ToList();
        return new(due, over);
    }

    private sealed record Work(IReadOnlyList<OidcKeyUse> Due, IReadOnlyList<OidcKey> Over)
    {
        public bool IsNeeded => Due.Count + Over.Count > 0;
    }
}

/// <summary>The provider's keys, newest first, for the operator.</summary>
public sealed class ListOidcKeys(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<IReadOnlyList<OidcKeyView>>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(actor, new(Permission.OperatePlatform, "operator.oidc-keys.list", "keys"), cancellationToken);
        if (allowed.Problem is { } refused)
            return refused;
        var keys = await database.ReadAsync(session => session.OidcKeys.AllAsync(cancellationToken), cancellationToken);
        var now = clock.Now();
        return Outcome.Of<IReadOnlyList<OidcKeyView>>([
            .. keys.OrderByDescending(key => key.CreatedAt)
                .Select(key => new OidcKeyView(key.Id, key.Use, key.CreatedAt, key.ActiveFrom, State(key))),
        ]);

        string State(OidcKey key) =>
            key.ActiveFrom > now ? "next"
            : keys.Any(other => other.Use == key.Use && other.ActiveFrom <= now && other.CreatedAt > key.CreatedAt) ? "old"
            : "current";
    }
}
