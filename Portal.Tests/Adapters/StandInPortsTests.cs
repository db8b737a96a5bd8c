using LocalPulsar;
using LocalStripe;
using Microsoft.Extensions.Logging.Abstractions;

namespace Portal.Tests.Adapters;

/// <summary>Portals that start at once on one machine look for free ports at the same time.</summary>
public sealed class StandInPortsTests
{
    [Fact]
    public async Task Stand_ins_that_start_at_once_each_find_a_port()
    {
        var folder = Directory.CreateTempSubdirectory("stand-ins-");
        try
        {
            var pulsars = await Task.WhenAll(
                Enumerable
                    .Range(0, 4)
                    .Select(number =>
                        Task.Run(() =>
                            LocalPulsarServer.StartAsync(
                                new() { DataFolder = Path.Combine(folder.FullName, $"pulsar{number}"), Clock = TimeProvider.System },
                                TestContext.Current.CancellationToken
                            )
                        )
                    )
            );
            var stripes = await Task.WhenAll(
                Enumerable
                    .Range(0, 4)
                    .Select(number =>
                        Task.Run(() =>
                            LocalStripeServer.StartAsync(
                                new()
                                {
                                    DataFolder = Path.Combine(folder.FullName, $"stripe{number}"),
                                    Clock = TimeProvider.System,
                                    LoggerFactory = NullLoggerFactory.Instance,
                                },
                                TestContext.Current.CancellationToken
                            )
                        )
                    )
            );
            Assert.Equal(4, pulsars.Select(server => server.AdminUrl.Port).Distinct().Count());
            foreach (var server in pulsars)
                await server.DisposeAsync();
            foreach (var server in stripes)
                await server.DisposeAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
