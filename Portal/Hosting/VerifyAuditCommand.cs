using System.CommandLine;
using System.Data.Common;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Access;
using Portal.Domain.Audit;
using Portal.Domain.Common;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// <c>dotnet Portal.dll verify-audit [--organization NAME]</c>: walks the audit chains in the database that the settings
/// name and prints the head of each. Exit code 0: all whole. 1: one is broken, or the walk was not possible. Reads only
/// and takes no lock, so it may run beside the portal.
/// </summary>
public static class VerifyAuditCommand
{
    private const string Name = "verify-audit";

    public static bool IsAskedFor(string[] args) => args is [Name, ..];

    public static Task<int> RunAsync(string[] args)
    {
        var organization = new Option<string?>("--organization") { Description = "Only this organization's chain, by its URL name." };
        var command = new Command(Name, "Verifies the hash chains of the audit logs.") { organization };
        // Settings may stand on the command line too, as for the portal itself.
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(
            (parsed, cancellationToken) =>
                VerifyAsync(parsed.GetValue(organization), [.. parsed.UnmatchedTokens], Console.Out, cancellationToken)
        );
        return new RootCommand("Portal") { command }
            .Parse(args)
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> VerifyAsync(
        string? organization,
        string[] settingsArgs,
        TextWriter output,
        CancellationToken cancellationToken
    )
    {
        var builder = WebApplication.CreateBuilder(settingsArgs);
        // What goes wrong is said in one sentence at the end.
        builder.Logging.ClearProviders();
        var settings = SettingsReader.Read(builder.Configuration, builder.Environment);
        builder.Services.AddVerification(
            settings with
            {
                DataFolder = Path.GetFullPath(settings.DataFolder, builder.Environment.ContentRootPath),
            }
        );
        await using var app = builder.Build();
        try
        {
            if (await app.Services.GetRequiredService<DatabaseMigrator>().CheckShapeAsync(cancellationToken) is { } problem)
                throw new WrongSettingException(problem.Message);
            return await PrintAsync(app.Services.GetRequiredService<VerifyAudit>(), organization, output, cancellationToken);
        }
        catch (DbException away)
        {
            throw new WrongSettingException($"Portal:Database: the database does not answer ({away.Message}).");
        }
    }

    public static async Task<int> PrintAsync(
        VerifyAudit verify,
        string? organization,
        TextWriter output,
        CancellationToken cancellationToken
    )
    {
        var (broken, after) = (0, (string?)null);
        do
        {
            var found = await verify.RunAsync(Actor.Worker(Name), organization, new PageRequest(After: after), cancellationToken);
            if (!found.TryGet(out var page, out var problem))
                throw new WrongSettingException(problem.Message);
            foreach (var state in page.Items)
            {
                if (state.Check.Break is not null)
                    broken++;
                await output.WriteLineAsync(Line(state));
            }
            after = page.Next;
        } while (after is not null);
        await output.WriteLineAsync(
            broken == 0 ? "All chains are whole." : $"{broken} broken. Compare with heads printed earlier, and see docs/security.md."
        );
        return broken == 0 ? 0 : 1;
    }

    private static string Line(AuditChainState state)
    {
        var (check, name) = (state.Check, state.Organization ?? "(platform)");
        var rows = check.Head.Sequence == 0 ? "empty" : $"rows {check.First} to {check.Head.Sequence}, head {check.Head.Hash}";
        return check.Break is { } at ? $"{name}: BROKEN at row {at}; {rows}" : $"{name}: whole; {rows}";
    }

    private static void AddVerification(this IServiceCollection services, PortalSettings settings)
    {
#pragma warning disable RS0030 // The composition names the system clock.
        services.AddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        services.AddPortalDatabase(AdapterSetup.DatabaseOptions(settings)).AddSingleton<AccessGuard>().AddSingleton<VerifyAudit>();
    }
}
