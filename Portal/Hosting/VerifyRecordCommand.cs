using System.CommandLine;
using System.Data.Common;
using Portal.Adapters.PortalDatabase;
using Portal.Domain.Access;
using Portal.Domain.Migration;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// <c>dotnet Portal.dll verify-record FILE</c>: checks the signed record of a migration against the keys in the database that
/// the settings name. Exit code 0: whole. 1: something was changed, which is named, or it could not be checked. Reads only.
/// </summary>
public static class VerifyRecordCommand
{
    private const string Name = "verify-record";

    public static bool IsAskedFor(string[] args) => args is [Name, ..];

    public static Task<int> RunAsync(string[] args)
    {
        var file = new Argument<string>("FILE") { Description = "The record as it was downloaded." };
        var command = new Command(Name, "Verifies the signed record of a migration.") { file };
        // Settings may stand on the command line too, as for the portal itself.
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(
            (parsed, cancellationToken) => VerifyAsync(parsed.GetValue(file)!, [.. parsed.UnmatchedTokens], Console.Out, cancellationToken)
        );
        return new RootCommand("Portal") { command }
            .Parse(args)
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> VerifyAsync(string file, string[] settingsArgs, TextWriter output, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new WrongSettingException($"{file}: there is no such file.");
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
            return await PrintAsync(
                app.Services.GetRequiredService<VerifyRecord>(),
                await File.ReadAllTextAsync(file, cancellationToken),
                output,
                cancellationToken
            );
        }
        catch (DbException away)
        {
            throw new WrongSettingException($"Portal:Database: the database does not answer ({away.Message}).");
        }
    }

    public static async Task<int> PrintAsync(VerifyRecord verify, string document, TextWriter output, CancellationToken cancellationToken)
    {
        if (!(await verify.RunAsync(Actor.Worker(Name), document, cancellationToken)).TryGet(out var check, out var problem))
            throw new WrongSettingException(problem.Message);
        foreach (var finding in check.Findings)
            await output.WriteLineAsync(finding);
        await output.WriteLineAsync(
            check.IsWhole
                ? $"The record of {check.Name} is whole. Signed with key {check.SignedBy}."
                : "The record was changed, or isn't one of this portal."
        );
        return check.IsWhole ? 0 : 1;
    }

    private static void AddVerification(this IServiceCollection services, PortalSettings settings)
    {
#pragma warning disable RS0030 // The composition names the system clock.
        services.AddSingleton(TimeProvider.System);
#pragma warning restore RS0030
        services.AddPortalDatabase(AdapterSetup.DatabaseOptions(settings)).AddSingleton<AccessGuard>().AddSingleton<VerifyRecord>();
    }
}

/// <summary>What is checked from the command line beside a portal that runs.</summary>
public static class VerifyCommands
{
    public static bool IsAskedFor(string[] args) => VerifyAuditCommand.IsAskedFor(args) || VerifyRecordCommand.IsAskedFor(args);

    public static Task<int> RunAsync(string[] args) =>
        VerifyAuditCommand.IsAskedFor(args) ? VerifyAuditCommand.RunAsync(args) : VerifyRecordCommand.RunAsync(args);
}
