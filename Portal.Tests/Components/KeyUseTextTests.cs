using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Features.Credentials;
using Portal.Ui;
using Xunit;

namespace Portal.Tests.Components;

/// <summary>What somebody reads who is about to delete a key: nothing that is not known.</summary>
public sealed class KeyUseTextTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, true, "No consumer is connected to the brokers with it.")]
    [InlineData(1, true, "1 consumer is connected to the brokers with it.")]
    [InlineData(1200, true, "1,200 consumers are connected to the brokers with it.")]
    [InlineData(3, false, "At least 3 consumers are connected to the brokers with it.")]
    [InlineData(0, false, "No consumer was found at the brokers, but not every topic was checked.")]
    [InlineData(null, false, "The cluster didn't say who is connected to its brokers.")]
    public void It_says_who_is_connected_and_what_could_not_be_seen(int? consumers, bool complete, string expected) =>
        Assert.Equal($"No WebSocket client has used it. {expected}", Text(KeyPermissions.Consume, null, consumers, complete));

    [Fact]
    public void Of_a_key_that_produces_it_says_that_brokers_do_not_tell() =>
        Assert.Equal(
            $"A WebSocket client last used it {ViewerZone.Utc.Relative(Noon.AddMinutes(-3), Noon)}. "
                + "No consumer is connected to the brokers with it. Brokers don't tell which key a producer uses, so producers may use "
                + "it all the same: give them the new token first.",
            Text(KeyPermissions.Produce | KeyPermissions.Consume, Noon.AddMinutes(-3), 0, true)
        );

    private static string Text(KeyPermissions permissions, DateTimeOffset? lastUsedAt, int? consumers, bool complete)
    {
        var tenant = new Tenant(new(Guid.NewGuid()), new OrganizationId(Guid.NewGuid()), TenantName.Create("shop").Value, "local", Noon);
        var @namespace = new Namespace(new(Guid.NewGuid()), tenant, NamespaceName.Default, Noon);
        var key = new PulsarKey(new(Guid.NewGuid()), @namespace, "web", permissions, true, false, Noon, null);
        return KeyUseText.Of(new KeyUse(key, lastUsedAt, consumers, complete), ViewerZone.Utc, Noon);
    }
}
