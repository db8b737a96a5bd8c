using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;

namespace Portal.Domain.Credentials;

/// <summary>What a role may do.</summary>
public readonly record struct GrantedActions(bool Produce, bool Consume);

/// <summary>What roles may do on a cluster. Idempotent, with the problems of <see cref="IClusterHealth"/>.</summary>
public interface IGrantAdmin
{
    /// <summary>Gives a role exactly these actions on the topic and reads them back. The topic must exist.</summary>
    Task<Outcome<Done>> GrantAsync(TopicAddress topic, string role, GrantedActions actions, CancellationToken cancellationToken);

    Task<Outcome<Done>> RevokeAsync(TopicAddress topic, string role, CancellationToken cancellationToken);

    /// <summary>
    /// Lets a role consume in the whole namespace, and reads it back. Produce would open the system topics and is given by topic only.
    /// </summary>
    Task<Outcome<Done>> GrantConsumeAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken);

    Task<Outcome<Done>> RevokeAsync(NamespaceAddress @namespace, string role, CancellationToken cancellationToken);
}
