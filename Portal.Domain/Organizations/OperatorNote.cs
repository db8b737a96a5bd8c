using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Organizations;

/// <summary>What operators write down about a customer for each other. The customer never sees it.</summary>
public sealed class OperatorNote
{
    public const int LongestText = 4000;

    private OperatorNote() { }

    internal OperatorNote(OperatorNoteId id, OrganizationId organization, string text, string by, DateTimeOffset at) =>
        (Id, OrganizationId, Text, By, At) = (id, organization, text, by, at);

    public OperatorNoteId Id { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string Text { get; private set; } = "";

    /// <summary>Email address of the operator.</summary>
    public string By { get; private set; } = "";

    public DateTimeOffset At { get; private set; }
}

public interface IOperatorNoteStore
{
    void Add(OperatorNote note);
    void Remove(OperatorNote note);

    Task<OperatorNote?> FindAsync(OrganizationId organization, OperatorNoteId id, CancellationToken cancellationToken);

    /// <summary>Newest first.</summary>
    Task<PageOf<OperatorNote>> ListAsync(OrganizationId organization, PageRequest page, CancellationToken cancellationToken);
}

/// <summary>An operator's notes about a customer, newest first.</summary>
public sealed class ListOperatorNotes(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<PageOf<OperatorNote>>> RunAsync(
        Actor actor,
        string organization,
        PageRequest page,
        CancellationToken cancellationToken
    )
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.note.list", Operation.Brief(organization));
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        return await database.ReadAsync<Outcome<PageOf<OperatorNote>>>(
            async session =>
                await session.Organizations.FindAsync(organization, cancellationToken) is { } found
                    ? await session.OperatorNotes.ListAsync(found.Id, page, cancellationToken)
                    : OrganizationProblems.NoOrganization,
            cancellationToken
        );
    }
}

/// <summary>Writes a note about a customer. It stands in the operators' audit log that there is one, not what it says.</summary>
public sealed class AddOperatorNote(AccessGuard guard, IPortalDatabase database, TimeProvider clock)
{
    public async Task<Outcome<OperatorNote>> RunAsync(Actor actor, string organization, string? text, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.note.add", Operation.Brief(organization));
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        var words = text?.Trim() ?? "";
        if (words.Length is 0 or > OperatorNote.LongestText)
            return new Problem.Invalid("note-length", $"Write 1 to {OperatorNote.LongestText:N0} characters.", "text");
        return await database.WriteAsync<OperatorNote>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Organizations.FindAsync(organization, cancellationToken) is not { } found)
                    return OrganizationProblems.NoOrganization;
                var note = new OperatorNote(new(clock.NewUuid()), found.Id, words, actor.Name, clock.Now());
                session.OperatorNotes.Add(note);
                return note;
            },
            cancellationToken
        );
    }
}

/// <summary>Deletes a note about a customer. One that is gone already stays gone.</summary>
public sealed class RemoveOperatorNote(AccessGuard guard, IPortalDatabase database)
{
    public async Task<Outcome<bool>> RunAsync(Actor actor, string organization, OperatorNoteId id, CancellationToken cancellationToken)
    {
        var operation = new Operation(Permission.OperatePlatform, "operator.note.remove", Operation.Brief(organization));
        if ((await guard.CheckAsync(actor, operation, cancellationToken)).Problem is { } refused)
            return refused;
        return await database.WriteAsync<bool>(
            actor,
            null,
            operation,
            async session =>
            {
                if (await session.Organizations.FindAsync(organization, cancellationToken) is not { } found)
                    return OrganizationProblems.NoOrganization;
                if (await session.OperatorNotes.FindAsync(found.Id, id, cancellationToken) is not { } note)
                    return new Problem.NotFound("note-not-found", "This note has already been deleted.");
                session.OperatorNotes.Remove(note);
                return true;
            },
            cancellationToken
        );
    }
}
