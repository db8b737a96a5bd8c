using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Console;
using Portal.Adapters.PortalDatabase.Faults;

namespace Portal.Hosting.Telemetry;

/// <summary>
/// The console, which says a thing once and counts it: the first warning or error in full, what is the same within the
/// next minute as one line with a number. While the database is away, everything that fails for that reason is the same
/// thing, whoever it happens to.
/// </summary>
[ProviderAlias("Console")]
internal sealed class OnceLoggerProvider : ILoggerProvider, ISupportExternalScope
{
    private const int MostKinds = 1_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Said> _said = new(StringComparer.Ordinal);
    private readonly ILoggerProvider _inner;
    private readonly ITimer _minute;

    public OnceLoggerProvider(ILoggerProvider inner, TimeProvider clock)
    {
        _inner = inner;
        _minute = clock.CreateTimer(_ => Count(), null, Window, Window);
    }

    public ILogger CreateLogger(string categoryName) => new OnceLogger(this, _inner.CreateLogger(categoryName), categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) =>
        (_inner as ISupportExternalScope)?.SetScopeProvider(scopeProvider);

    public void Dispose()
    {
        _minute.Dispose();
        Count();
        _inner.Dispose();
    }

    /// <summary>True the first time; afterwards it is counted.</summary>
    private bool IsNews(string key, ILogger logger, string title)
    {
        if (_said.TryGetValue(key, out var known))
        {
            Interlocked.Increment(ref known.More);
            return false;
        }
        // A flood of different things is said in full rather than kept in memory.
        if (_said.Count < MostKinds)
            _said[key] = new(logger, title);
        return true;
    }

    private void Count()
    {
        foreach (var (key, said) in _said)
        {
            var more = Interlocked.Exchange(ref said.More, 0);
            if (more == 0)
                _said.TryRemove(key, out _);
            else
                said.Logger.Log(
                    LogLevel.Warning,
                    default,
                    string.Create(CultureInfo.InvariantCulture, $"{said.Title}: {more} more in the last minute"),
                    null,
                    (text, _) => text
                );
        }
    }

    private sealed class Said(ILogger logger, string title)
    {
        public ILogger Logger { get; } = logger;

        public string Title { get; } = title;

#pragma warning disable CA1051 // Counted by several threads.
        public long More;
#pragma warning restore CA1051
    }

    private sealed class OnceLogger(OnceLoggerProvider once, ILogger inner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (logLevel < LogLevel.Warning)
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
                return;
            }
            var message = formatter(state, exception);
            if (DatabaseFault.Of(exception) is { } fault)
            {
                if (once.IsNews($"database {fault.Kind}", inner, $"The database can't be used ({fault.Kind})"))
                    // Where it was asked from says nothing about why it did not answer.
                    inner.Log(
                        logLevel,
                        eventId,
                        $"{message}. The database can't be used ({fault.Kind}): {Reasons(exception!)}",
                        null,
                        (text, _) => text
                    );
            }
            else if (once.IsNews($"{category} {eventId.Id} {message} {exception?.GetType().Name} {exception?.Message}", inner, message))
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
        }

        private static string Reasons(Exception exception)
        {
            var reasons = new List<string>();
            for (var one = exception; one is not null; one = one.InnerException)
                reasons.Add($"{one.GetType().Name}: {one.Message}");
            return string.Join(" ← ", reasons);
        }
    }
}

internal static class OnceLogging
{
    /// <summary>Puts it in place of the console that the framework registers.</summary>
    public static void LogThingsOnce(this WebApplicationBuilder builder)
    {
        var console = builder.Services.FirstOrDefault(service =>
            service.ServiceType == typeof(ILoggerProvider) && service.ImplementationType == typeof(ConsoleLoggerProvider)
        );
        if (console is null)
            return;
        builder.Services.Remove(console);
        builder.Services.AddSingleton<ConsoleLoggerProvider>();
        builder.Services.AddSingleton<ILoggerProvider>(services => new OnceLoggerProvider(
            services.GetRequiredService<ConsoleLoggerProvider>(),
            services.GetRequiredService<TimeProvider>()
        ));
    }
}
