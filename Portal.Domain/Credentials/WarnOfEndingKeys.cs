using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;
using Portal.Domain.Notices;
using Portal.Domain.Work;

namespace Portal.Domain.Credentials;

/// <summary>The work that comes back for ever and tells of keys that end soon.</summary>
public sealed record WarnOfEndingKeysWork : IWorkPayload
{
    public static string Kind => "keys.warn";
}

/// <summary>
/// Writes to those who can replace a key before it ends. What was said is noted with the emails, so that each warning is
/// given once, whoever dies meanwhile; keys that end together are in one email.
/// </summary>
public sealed class WarnOfEndingKeys(IPortalDatabase database, IAccountDirectory accounts, IPublicAddress address, TimeProvider clock)
    : IWorkStep<WarnOfEndingKeysWork>
{
    private const int AtOnce = 50;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    public async Task<StepResult> RunAsync(WarnOfEndingKeysWork payload, WorkTurn turn, CancellationToken cancellationToken)
    {
        var (afterKey, afterApiKey) = Place(turn.Checkpoint);
        var now = clock.Now();
        var (keys, apiKeys) = await database.ReadAsync(
            async session =>
                (
                    await session.Keys.EndingAsync(
                        now,
                        now + EndWarning.Ahead,
                        afterKey is { } key ? new KeyId(key) : null,
                        AtOnce,
                        cancellationToken
                    ),
                    await session.ApiKeys.EndingAsync(
                        now,
                        now + EndWarning.Ahead,
                        afterApiKey is { } apiKey ? new ApiKeyId(apiKey) : null,
                        AtOnce,
                        cancellationToken
                    )
                ),
            cancellationToken
        );
        var due = keys.Where(key => EndWarning.Due(key.CreatedAt, key.ExpiresAt, key.WarnedDays, now) is not null)
            .ToLookup(key => key.OrganizationId);
        var dueApi = apiKeys.Where(key => EndWarning.Due(key.CreatedAt, key.ExpiresAt, key.WarnedDays, now) is not null).ToList();
        var ofOrganizations = dueApi.Where(key => key.OrganizationId is not null).ToLookup(key => key.OrganizationId!.Value);
        var failures = new List<Exception>();
        foreach (var organization in due.Select(group => group.Key).Union(ofOrganizations.Select(group => group.Key)))
            await TryAsync(
                () => WarnAsync(turn.Lease, organization, [.. due[organization]], [.. ofOrganizations[organization]], cancellationToken),
                failures
            );
        foreach (var own in dueApi.Where(key => key.AccountId is not null).GroupBy(key => key.AccountId!.Value))
            await TryAsync(() => WarnAsync(turn.Lease, own.Key, [.. own], cancellationToken), failures);
        if (failures.Count > 0 && turn.Failures == 0)
            throw new AggregateException("Some keys' owners could not be told.", failures);
        return keys.Count < AtOnce && apiKeys.Count < AtOnce
            ? Recurring.Again(Every)
            : new StepResult.GoOn(
                $"{(keys.Count > 0 ? keys[^1].Id.Value : afterKey)}/{(apiKeys.Count > 0 ? apiKeys[^1].Id.Value : afterApiKey)}"
            );
    }

    /// <summary>One organization's odd row keeps no other's warning back.</summary>
    private static async Task TryAsync(Func<Task> warn, List<Exception> failures)
    {
        try
        {
            await warn();
        }
        catch (Exception failure) when (OddRow.IsCauseOf(failure))
        {
            failures.Add(failure);
        }
    }

    private static (Guid? Key, Guid? ApiKey) Place(string? checkpoint) =>
        checkpoint?.Split('/') is [var key, var apiKey]
            ? (Guid.TryParse(key, out var one) ? one : null, Guid.TryParse(apiKey, out var other) ? other : null)
            : (null, null);

    private async Task WarnAsync(
        Lease? lease,
        OrganizationId id,
        IReadOnlyList<PulsarKey> keys,
        IReadOnlyList<ApiKey> apiKeys,
        CancellationToken cancellationToken
    )
    {
        var makers = keys.Select(key => key.CreatedById)
            .Concat(apiKeys.Select(key => (AccountId?)key.CreatedById))
            .OfType<AccountId>()
            .ToHashSet();
        var (organization, members, wishes, muted) = await database.ReadAsync(
            async session =>
            {
                var concerned = new Dictionary<AccountId, bool>();
                await foreach (
                    var member in PageWalk.AllAsync(
                        page => session.Organizations.ListMembersAsync(id, page, cancellationToken),
                        cancellationToken
                    )
                )
                    if (member.Role.Allows(Permission.ManageOrganization))
                        concerned[member.AccountId] = true;
                    else if (makers.Contains(member.AccountId))
                        concerned[member.AccountId] = false;
                return (
                    await session.Organizations.FindAsync(id, cancellationToken),
                    concerned,
                    await session.Notices.SettingsAsync(concerned.Keys, cancellationToken),
                    (await session.Notices.MutesAsync(id, cancellationToken))
                        .Where(mute => mute.Kind == NoticeKind.KeyEnding)
                        .Select(mute => mute.AccountId)
                        .ToHashSet()
                );
            },
            cancellationToken
        );
        if (organization is not { State: not OrganizationState.Closed })
            return;
        var people = await accounts.FindManyAsync([.. members.Keys], cancellationToken);
        await database.UpdateAsync(
            lease,
            id,
            async session =>
            {
                var (now, told) = (clock.Now(), new List<(EndingKey Key, AccountId? Maker)>());
                foreach (var one in keys)
                {
                    if (
                        await session.Keys.FindAsync(id, one.Id, cancellationToken) is not { IsWanted: true, ReplacedBy: null } key
                        || EndWarning.Due(key.CreatedAt, key.ExpiresAt, key.WarnedDays, now) is not { } days
                    )
                        continue;
                    key.Warned(days);
                    told.Add((EndingKey.Of(key), key.CreatedById));
                    Tell(session, organization, EndingKey.Of(key), new(key.TenantName, key.NamespaceName));
                }
                foreach (var one in apiKeys)
                {
                    if (
                        await session.ApiKeys.FindAsync(id, one.Id, cancellationToken) is not { ReplacedBy: null } key
                        || !key.IsLive(now)
                        || EndWarning.Due(key.CreatedAt, key.ExpiresAt, key.WarnedDays, now) is not { } days
                    )
                        continue;
                    key.Warned(days);
                    told.Add((EndingKey.Of(key), key.CreatedById));
                    Tell(session, organization, EndingKey.Of(key), Scope.Whole);
                }
                foreach (
                    var person in people
                        .Values.Where(person =>
                            person.EmailVerified
                            && !muted.Contains(person.Id)
                            && wishes.GetValueOrDefault(person.Id)?.KeyEndingByEmail != false
                        )
                        .OrderBy(person => person.Email, StringComparer.Ordinal)
                )
                {
                    EndingKey[] theirs =
                    [
                        .. told.Where(one => members[person.Id] || one.Maker == person.Id)
                            .Select(one => one.Key)
                            .OrderBy(key => key.ExpiresAt),
                    ];
                    if (theirs.Length > 0)
                        session.Mails.Add(KeyMails.Of(MailRecipient.Of(person, organization), organization, theirs, address));
                }
                return true;
            },
            cancellationToken
        );
    }

    private void Tell(IPortalSession session, Organization organization, EndingKey key, Scope within) =>
        session.Tell(
            clock,
            NoticeKind.KeyEnding,
            NoticeAudience.Of(organization.Id, key.IsApiKey ? Permission.ManageOrganization : Permission.ManageKeys, within),
            $"{key.Title} expires soon",
            $"{(key.Where is { } place ? $"In {place}. " : "")}Rotate it before its clients are disconnected.",
            KeyMails.Page(organization, [key])
        );

    private async Task WarnAsync(Lease? lease, AccountId id, IReadOnlyList<ApiKey> keys, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(id, cancellationToken) is not { } account)
            return;
        var wishes = await database.ReadAsync(session => session.Notices.SettingsAsync(id, cancellationToken), cancellationToken);
        await database.UpdateAsync(
            lease,
            async session =>
            {
                var (now, told) = (clock.Now(), new List<EndingKey>());
                foreach (var one in keys)
                {
                    if (
                        await session.ApiKeys.FindAsync(id, one.Id, cancellationToken) is not { ReplacedBy: null } key
                        || !key.IsLive(now)
                        || EndWarning.Due(key.CreatedAt, key.ExpiresAt, key.WarnedDays, now) is not { } days
                    )
                        continue;
                    key.Warned(days);
                    told.Add(EndingKey.Of(key));
                    session.Tell(
                        clock,
                        NoticeKind.KeyEnding,
                        NoticeAudience.Of(id),
                        $"Your API key {key.Name} expires soon",
                        "Rotate it before what uses it stops working.",
                        "account/api-keys"
                    );
                }
                if (told.Count > 0 && account.EmailVerified && wishes?.KeyEndingByEmail != false)
                    session.Mails.Add(KeyMails.OfOwn(MailRecipient.Of(account), told, address));
                return true;
            },
            cancellationToken
        );
    }
}

/// <summary>Keys of an organization that end within two weeks and have no successor, the first to end coming first.</summary>
public sealed class ListEndingKeys(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    private const int Most = 20;

    public async Task<Outcome<IReadOnlyList<EndingKey>>> RunAsync(Actor actor, string organization, CancellationToken cancellationToken)
    {
        var entered = await guard.EnterAsync(
            actor,
            organization,
            new Operation(Permission.ViewResources, "key.list-ending", "", Within: Scope.Anywhere),
            cancellationToken
        );
        if (!entered.TryGet(out var access, out var problem))
            return problem;
        var (id, now) = (access.Organization.Id, clock.Now());
        return await database.ReadAsync<Outcome<IReadOnlyList<EndingKey>>>(
            async session =>
            {
                var keys = (await session.Keys.EndingAsync(id, access.Scope, now + EndWarning.Ahead, Most, cancellationToken)).Select(
                    EndingKey.Of
                );
                // Who may not see the list of them is not told of them here.
                if (access.Allows(Permission.ManageOrganization))
                    keys = keys.Concat(
                        (await session.ApiKeys.EndingAsync(id, now, now + EndWarning.Ahead, Most, cancellationToken)).Select(EndingKey.Of)
                    );
                return keys.OrderBy(key => key.ExpiresAt).Take(Most).ToList();
            },
            cancellationToken
        );
    }
}
