using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;

namespace Portal.Domain.Gateway;

/// <summary>When a session may not begin, or has to end. Pure.</summary>
public static class SessionRules
{
    /// <summary>Null while the key is good for a session of the kind.</summary>
    /// <param name="deadLetters">The broker writes its dead letters, which is publishing although the client only consumes.</param>
    public static Problem? WhyRefused(KeyStanding key, SessionKind kind, bool deadLetters, DateTimeOffset now) =>
        key switch
        {
            // First, since an expired key is deleted within seconds.
            { ExpiresAt: { } at } when at <= now => GatewayProblems.KeyExpired,
            { State: ResourceState.Deleting or ResourceState.Deleted } => GatewayProblems.KeyDeleted,
            { Organization: OrganizationState.Suspended } => GatewayProblems.Suspended,
            { Organization: OrganizationState.Closed } => GatewayProblems.Closed,
            { PublishingBlocked: true } when kind == SessionKind.Producer => GatewayProblems.PublishingBlocked,
            { PublishingBlocked: true } when deadLetters => GatewayProblems.DeadLettersBlocked,
            _ => null,
        };

    /// <summary>Null while the session may go on.</summary>
    /// <param name="key">Null when there is no such key any more.</param>
    /// <param name="deleted">Topics that are gone, of those that sessions need.</param>
    public static Problem? WhyEnded(Admission admission, KeyStanding? key, IReadOnlySet<TopicId> deleted, DateTimeOffset now) =>
        key is null ? GatewayProblems.KeyDeleted
        // The token's own end was known when the session began; a rotation may have set the key an earlier one since.
        : WhyRefused(
            key with
            {
                ExpiresAt = admission.ExpiresAt <= now ? admission.ExpiresAt : key.ExpiresAt,
            },
            admission.Address.Kind,
            admission.WritesDeadLetters,
            now
        )
            is { } ended
            ? ended
        : admission.Topics.Any(deleted.Contains) ? GatewayProblems.TopicDeleted
        : null;
}
