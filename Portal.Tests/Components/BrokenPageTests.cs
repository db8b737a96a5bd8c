using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Domain.Common;
using Portal.Shell;

namespace Portal.Tests.Components;

public sealed class BrokenPageTests : BunitContext
{
    [Fact]
    public void The_number_on_the_page_finds_the_exception_in_the_log()
    {
        using var log = new KeptLog();
        Services.AddLogging(logging => logging.AddProvider(log));
        Services.AddSingleton<IOutages>(new Outages(null));
        var error = new InvalidOperationException("inside");
        var page = Render<BrokenPage>(parameters => parameters.Add(one => one.Error, error).Add(one => one.Retry, EventCallback.Empty));
        var number = page.Find(".mono").TextContent;
        Assert.Matches("^[0-9a-f]{16}$", number);
        Assert.Equal(($"A page broke: {number}", error), Assert.Single(log.Said));
        Assert.DoesNotContain("inside", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void While_the_database_is_away_it_says_so_and_offers_to_try_again()
    {
        Services.AddSingleton<IOutages>(new Outages(new("database-unavailable", "We can't reach our database right now.")));
        var retried = false;
        var page = Render<BrokenPage>(parameters =>
            parameters
                .Add(one => one.Error, new InvalidOperationException("inside"))
                .Add(one => one.Retry, EventCallback.Factory.Create(this, () => retried = true))
        );
        Assert.Contains("We can't reach our database right now.", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("Something went wrong", page.Markup, StringComparison.Ordinal);
        page.Find("button").Click();
        Assert.True(retried);
    }

    private sealed class Outages(Problem.Unavailable? outage) : IOutages
    {
        public Problem.Unavailable? Explain(Exception exception) => outage;
    }

    private sealed class KeptLog : ILoggerProvider, ILogger
    {
        public List<(string, Exception?)> Said { get; } = [];

        public ILogger CreateLogger(string categoryName) =>
            categoryName.EndsWith(nameof(BrokenPage), StringComparison.Ordinal)
                ? this
                : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Said.Add((formatter(state, exception), exception));

        public void Dispose() { }
    }
}
