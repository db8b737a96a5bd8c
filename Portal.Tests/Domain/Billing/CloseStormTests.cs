using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Tests.Support;
using Portal.Tests.Support.RealServers;

namespace Portal.Tests.Domain.Billing;

/// <summary>
/// A month is closed while the process dies at every step, Stripe fails in each of its ways, and events get lost, doubled
/// and shuffled. In the end each invoice is there once, with the lines that were rated, and the books balance.
/// <c>PORTAL_SEEDS=500</c> with <c>tier=thorough</c> runs as many storms over 200 organizations.
/// </summary>
public sealed class CloseStormTests(ITestOutputHelper output)
{
    private static readonly int Seeds = int.TryParse(
        Environment.GetEnvironmentVariable("PORTAL_SEEDS"),
        CultureInfo.InvariantCulture,
        out var seeds
    )
        ? seeds
        : 10;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Each_invoice_is_there_once_and_the_books_balance(int seed, bool eventsAreLost) =>
        output.WriteLine(await CloseStorm.RunAsync(seed, 9, eventsAreLost, mock: null));

    [Fact, Trait("tier", "thorough")]
    public async Task So_it_is_for_two_hundred_organizations_whatever_the_seed()
    {
        for (var seed = 100; seed < 100 + Seeds; seed++)
            output.WriteLine(await CloseStorm.RunAsync(seed, 200, eventsAreLost: seed % 2 == 0, mock: null));
    }

    [Fact, Trait("tier", "real")]
    public async Task Every_request_to_Stripe_meanwhile_is_one_that_its_document_allows()
    {
        await using var server = await StripeMockServer.StartAsync();
        using var mock = new StripeMockCheck(server.Url);
        output.WriteLine(await CloseStorm.RunAsync(3, 12, eventsAreLost: false, mock));
        output.WriteLine($"{mock.Checked} requests checked by stripe-mock, {mock.Refused.Count} refused");
        Console.WriteLine($"{mock.Checked} requests checked by stripe-mock, {mock.Refused.Count} refused");
        Assert.True(mock.Checked > 150, $"only {mock.Checked}");
        Assert.Empty(mock.Refused);
    }
}
