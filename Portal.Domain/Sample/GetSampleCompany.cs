using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Sample;

/// <summary>Whether there is a sample company, how far the work on it is, and whether one can be made.</summary>
public sealed class GetSampleCompany(AccessGuard guard, IPortalDatabase database, ITestPayments payments)
{
    public async Task<Outcome<SampleStanding>> RunAsync(Actor actor, CancellationToken cancellationToken)
    {
        var allowed = await guard.CheckAsync(
            actor,
            new Operation(Permission.OperatePlatform, "sample.view", SampleCompany.Slug),
            cancellationToken
        );
        if (!allowed.IsOk)
            return allowed.Problem;
        return await database.ReadAsync(
            async session =>
            {
                var standing = await SampleStanding.ReadAsync(session, payments, cancellationToken);
                var membership =
                    standing.Organization is { } sample && actor.AccountId is { } account
                        ? await session.Organizations.FindMembershipAsync(sample.Id, account, cancellationToken)
                        : null;
                return standing with { IsMember = membership is not null };
            },
            cancellationToken
        );
    }
}
