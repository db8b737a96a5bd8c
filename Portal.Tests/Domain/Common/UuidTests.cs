using Microsoft.Extensions.Time.Testing;
using Portal.Domain.Common;

namespace Portal.Tests.Domain.Common;

public sealed class UuidTests
{
    [Fact]
    public void What_one_clock_makes_is_in_order_within_a_millisecond_and_beyond_and_is_of_its_time()
    {
        var clock = new FakeTimeProvider(new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
        var ids = new List<Guid>();
        for (var number = 0; number < 10_000; number++)
        {
            ids.Add(clock.NewUuid());
            if (number % 3_000 == 0)
                clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Equal(ids.Select(id => $"{id}").Order(StringComparer.Ordinal), ids.Select(id => $"{id}"));
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal((7, 0b10), (id.Version, id.Variant >> 2)));
        Assert.Equal(
            new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(),
            Convert.ToInt64($"{ids[0]:N}"[..12], 16)
        );
        // Only the order is common to all; the rest is nobody's to guess.
        Assert.NotEqual($"{new FakeTimeProvider().NewUuid()}"[19..], $"{new FakeTimeProvider().NewUuid()}"[19..]);
    }
}
