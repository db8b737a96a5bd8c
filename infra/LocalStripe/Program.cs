using Microsoft.Extensions.Logging;

namespace LocalStripe;

/// <summary>
/// Runs the stand-in alone: <c>dotnet run --project infra/LocalStripe -- [--data-folder F] [--port N] [--webhook-url U]</c>.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        var settings = new ConfigurationBuilder().AddEnvironmentVariables("LOCALSTRIPE_").AddCommandLine(arguments).Build();
        using var loggers = LoggerFactory.Create(logging => logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning));
        using var stopped = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            key.Cancel = true;
            stopped.Cancel();
        };
        using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGTERM,
            signal =>
            {
                signal.Cancel = true;
                stopped.Cancel();
            }
        );

        try
        {
            await using var server = await LocalStripeServer.StartAsync(ReadOptions(settings, loggers), stopped.Token);
            Console.WriteLine($"STRIPE_API_BASE={server.ApiBase}");
            Console.WriteLine($"STRIPE_API_KEY={server.ApiKey}");
            Console.WriteLine($"STRIPE_WEBHOOK_SECRET={server.WebhookSecret}");
            try
            {
                await Task.Delay(Timeout.Infinite, stopped.Token);
            }
            catch (OperationCanceledException)
            {
                // Asked to stop.
            }

            return 0;
        }
        catch (LocalStripeRefusedException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }

    private static LocalStripeOptions ReadOptions(IConfiguration settings, ILoggerFactory loggers) =>
        new()
        {
            DataFolder = settings["data-folder"] ?? settings["DATA_FOLDER"] ?? Path.Combine("data", "stripe"),
            Port = (settings["port"] ?? settings["PORT"]) is { } port
                ? int.Parse(port, System.Globalization.CultureInfo.InvariantCulture)
                : null,
            WebhookUrl = (settings["webhook-url"] ?? settings["WEBHOOK_URL"]) is { } url ? new Uri(url) : null,
            LoggerFactory = loggers,
#pragma warning disable RS0030 // The process's own composition names the system clock.
            Clock = TimeProvider.System,
#pragma warning restore RS0030
        };
}
