using System.CommandLine;
using Portal.Adapters.PortalDatabase;
using Portal.Adapters.PortalDatabase.Backup;
using Portal.Adapters.PortalDatabase.Faults;
using Portal.Hosting.Settings;

namespace Portal.Hosting;

/// <summary>
/// <c>backup FILE</c>, <c>restore FILE [--replace]</c> and <c>check-database</c>, for the database that the settings
/// name. Exit code 0: done, or whole. 1: not, with a sentence that says why.
/// </summary>
public static class DatabaseCommands
{
    public static bool IsAskedFor(string[] args) => args is ["backup" or "restore" or "check-database", ..];

    public static Task<int> RunAsync(string[] args)
    {
        var file = new Argument<string>("FILE") { Description = "The backup." };
        var replace = new Option<bool>("--replace") { Description = "Also when the database holds data already." };
        var backup = new Command("backup", "Copies the database into one file; the portal may be running.") { file };
        backup.SetAction(
            (parsed, stop) =>
                WithAsync(
                    parsed,
                    async options =>
                    {
                        await DatabaseBackup.Of(options).BackUpAsync(parsed.GetValue(file)!, stop);
                        return $"Backed up to {Path.GetFullPath(parsed.GetValue(file)!)}. The file holds customers' data and secrets: "
                            + "keep it as safe as the database.";
                    }
                )
        );
        var restore = new Command("restore", "Puts a backup in place; the portal must be stopped.") { file, replace };
        restore.SetAction(
            (parsed, stop) =>
                WithAsync(
                    parsed,
                    async options =>
                    {
                        await DatabaseBackup.Of(options).RestoreAsync(parsed.GetValue(file)!, parsed.GetValue(replace), stop);
                        return "Restored. Start the portal; it updates the database if the backup is from an older version.";
                    }
                )
        );
        var check = new Command("check-database", "Reads the whole database and says what is damaged; the portal may be running.");
        check.SetAction((parsed, stop) => WithAsync(parsed, options => CheckAsync(options, stop)));
        // Settings may stand on the command line too, as for the portal itself.
        foreach (var command in new[] { backup, restore, check })
            command.TreatUnmatchedTokensAsErrors = false;
        return new RootCommand("Portal") { backup, restore, check }
            .Parse(args)
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> WithAsync(ParseResult parsed, Func<DatabaseOptions, Task<string>> act)
    {
        var builder = WebApplication.CreateBuilder([.. parsed.UnmatchedTokens]);
        var settings = SettingsReader.Read(builder.Configuration, builder.Environment);
        var options = AdapterSetup.DatabaseOptions(
            settings with
            {
                DataFolder = Path.GetFullPath(settings.DataFolder, builder.Environment.ContentRootPath),
            }
        );
        try
        {
            Console.WriteLine(await act(options));
            return 0;
        }
        catch (BackupRefusedException refused)
        {
            throw new WrongSettingException(refused.Message);
        }
        catch (Exception exception) when (DatabaseFault.Of(exception) is { } fault)
        {
            throw new WrongSettingException(fault.AtStart(options));
        }
    }

    private static async Task<string> CheckAsync(DatabaseOptions options, CancellationToken cancellationToken)
    {
        using var loggers = LoggerFactory.Create(_ => { });
        await using var connections = new PortalConnections(options, loggers);
        var migrator = new DatabaseMigrator(connections);
        if (await migrator.CheckShapeAsync(cancellationToken) is { } problem)
            throw new WrongSettingException(problem.Message);
        var found = await migrator.CheckThoroughlyAsync(cancellationToken);
        return found.Count == 0
            ? "The database is whole."
            : throw new WrongSettingException(
                $"The database is damaged:\n{string.Join('\n', found)}\nStop the portal and bring back a backup with './dev restore FILE'."
            );
    }
}
