using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Usage;
using Portal.Features.Operator;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

public sealed class MeteringPageTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private readonly SimulatedLedger _ledger = new();

    public MeteringPageTests()
    {
        Services.AddSingleton<ICollectorLedger>(_ledger);
        Services.AddSingleton(new MeteringSettings(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task An_operator_is_alarmed_when_no_poll_was_recorded_for_five_intervals()
    {
        var polled = Clock.GetUtcNow();
        await _ledger.SaveAsync(
            ClusterMetering.Empty("main") with
            {
                PolledAt = polled,
                CompleteTo = polled.AddSeconds(-60),
            },
            null,
            CancellationToken.None
        );
        var page = Show();
        page.WaitForAssertion(() => Assert.Contains("main: complete to", page.Markup, StringComparison.Ordinal), Soon);
        Assert.Empty(page.FindAll("[data-alarm]"));

        Clock.Advance(TimeSpan.FromMinutes(7));
        page = Show();
        page.WaitForAssertion(
            () =>
                Assert.Contains(
                    "Metering of main has stalled. No poll has been recorded for 7 minutes",
                    page.Find("[role=alert][data-alarm=metering-stalled]").TextContent,
                    StringComparison.Ordinal
                ),
            Soon
        );
    }

    private IRenderedComponent<MeteringPage> Show() =>
        Render<MeteringPage>(parameters =>
            parameters.AddCascadingValue(new Actor(new AccountId(Guid.CreateVersion7()), "operator@example.com", true))
        );
}
