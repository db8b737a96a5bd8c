using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Work;

namespace Portal.Domain.Notices;

/// <summary>
/// Tells an organization's people of durable work that failed, or keeps failing, and of long jobs that are through. The
/// kinds are those of features above; what they are called is kept in rows and never changes.
/// </summary>
public sealed class NoticesOfWork(TimeProvider clock) : IWorkEnds
{
    public async Task EndedAsync(IPortalSession session, WorkItem work, CancellationToken cancellationToken)
    {
        if (
            work.Owner is not { } owner
            || await session.Organizations.FindAsync(owner, cancellationToken) is not { State: not OrganizationState.Closed } organization
        )
            return;
        if (work.State == WorkState.Done)
        {
            if (Finished(work) is { } title)
                session.Tell(clock, NoticeKind.Finished, Audience(organization, work), title, null, Path(organization, work));
        }
        else if (Failed(work) is { } failed)
        {
            session.Tell(
                clock,
                NoticeKind.Failed,
                Audience(organization, work),
                work.IsOpen ? $"{failed} yet" : failed,
                work.ProblemMessage,
                Path(organization, work)
            );
        }
    }

    private static string? Finished(WorkItem work) =>
        work.Kind switch
        {
            "migration.inventory" => $"The inventory of migration {work.Subject} is complete",
            "migration.cut-over" => $"The cut-over of migration {work.Subject} is complete",
            // Which is also over when there was nothing left to remove, or somebody skipped what comes before.
            "tenant.remove" when work.Done > 0 => $"Tenant {work.Subject} was deleted",
            _ => null,
        };

    /// <summary>Null for what people have no part in: it is the operator's to look after.</summary>
    private static string? Failed(WorkItem work) =>
        work.Kind switch
        {
            "tenant.create" => $"Tenant {work.Subject} couldn't be created",
            "namespace.create" => $"Namespace {work.Subject} couldn't be created",
            "topic.create" => $"Topic {work.Subject} couldn't be created",
            "connector.apply" => $"Connector {work.Subject} couldn't be started",
            "keys.grant" => $"The {work.Subject} couldn't get their access",
            "key.revoke" => $"The {work.Subject} couldn't be revoked",
            "tenant.delete" or "tenant.remove" => $"Tenant {work.Subject} couldn't be deleted",
            "namespace.delete" or "namespace.remove" => $"Namespace {work.Subject} couldn't be deleted",
            "namespace.apply-policies" => $"The policies of {work.Subject} couldn't be applied",
            "topic.delete" => $"Topic {work.Subject} couldn't be deleted",
            "connector.delete" => $"Connector {work.Subject} couldn't be deleted",
            "migration.inventory" => $"The inventory of migration {work.Subject} couldn't be completed",
            "migration.copy" => $"Copying {work.Subject} stopped",
            "migration.prove" => $"The copy of {work.Subject} couldn't be verified",
            "migration.subscribe" => $"The subscriptions of {work.Subject} couldn't be created",
            "migration.cut-over" => $"Migration {work.Subject} couldn't be cut over",
            "messages.send-back" => $"The dead letters of {work.Subject} couldn't be sent back",
            "migration.group-back" => $"The {work.Subject} couldn't be set",
            "migration.back" => $"The way back of {work.Subject} stopped",
            _ => null,
        };

    private static bool IsMigration(WorkItem work) => work.Kind.StartsWith("migration.", StringComparison.Ordinal);

    /// <summary>
    /// The tenant's and the namespace's people: what it is about begins with their names. Migrations have names of their own.
    /// </summary>
    private static NoticeAudience Audience(Organization organization, WorkItem work) =>
        Names(work) switch
        {
            [var tenant] => NoticeAudience.Of(organization.Id, Permission.ViewResources, new(tenant)),
            [var tenant, var inside, ..] => NoticeAudience.Of(organization.Id, Permission.ViewResources, new(tenant, inside)),
            _ => NoticeAudience.Of(organization.Id, Permission.ViewResources),
        };

    private static string Path(Organization organization, WorkItem work)
    {
        var home = $"o/{Uri.EscapeDataString(organization.Slug)}";
        var names = Names(work).Select(Uri.EscapeDataString).ToArray();
        return (work.Kind, names) switch
        {
            _ when IsMigration(work) => $"{home}/migrations",
            ("topic.create" or "topic.delete", [var tenant, var inside, var topic]) => $"{home}/tenants/{tenant}/{inside}/{topic}",
            ("connector.apply" or "connector.delete", [var tenant, var inside, var name]) =>
                $"{home}/tenants/{tenant}/connectors/{inside}/{name}",
            ("keys.grant", [var tenant, ..]) => $"{home}/tenants/{tenant}?tab=connect",
            (not "tenant.delete" and not "tenant.remove", [var tenant, ..]) => $"{home}/tenants/{tenant}",
            _ => $"{home}/tenants",
        };
    }

    /// <summary>Of tenant, namespace and what is in it; empty where it is about something else.</summary>
    private static string[] Names(WorkItem work)
    {
        const string keys = "keys of ";
        if (IsMigration(work) || work.Kind == "key.revoke")
            return [];
        var subject = work.Subject.StartsWith(keys, StringComparison.Ordinal) ? work.Subject[keys.Length..] : work.Subject;
        return subject.Split("://") is [_, var rest] ? rest.Split('/') : subject.Split('/');
    }
}
