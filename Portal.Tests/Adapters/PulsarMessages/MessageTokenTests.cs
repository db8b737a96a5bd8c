using Portal.Adapters.PulsarMessages;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Adapters.PulsarMessages;

/// <summary>What Portal itself reads and sends messages with is made for each connection, and soon worth nothing.</summary>
public sealed class MessageTokenTests : ITokenSigner
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    private readonly List<(string Role, DateTimeOffset? ExpiresAt)> _signed = [];

    [Fact]
    public async Task A_token_for_messages_is_of_the_namespaces_own_role_and_lives_a_minute()
    {
        var cluster = new StandingCluster();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(Noon);
        var tenant = new Tenant(
            new(Guid.CreateVersion7()),
            new(Guid.CreateVersion7()),
            TenantName.Create("shop").Value,
            StandingCluster.Local.Name,
            Noon
        );
        var @namespace = new Namespace(new(Guid.CreateVersion7()), tenant, NamespaceName.Default, Noon);
        var topic = new Topic(new(Guid.CreateVersion7()), @namespace, TopicName.Create("orders").Value, true, 0, Noon);
        var opened = await new MessageSockets(cluster, this, cluster, cluster, clock).OpenAsync(
            @namespace,
            topic,
            "reader",
            null,
            "",
            TestContext.Current.CancellationToken
        );
        Assert.Equal("no-signing-key", opened.Problem?.Code);
        Assert.Equal([(@namespace.MessagesRole, (DateTimeOffset?)Noon.AddSeconds(60))], _signed);
    }

    /// <summary>Signs nothing: the connection is not wanted here.</summary>
    Outcome<string> ITokenSigner.Sign(string cluster, string role, DateTimeOffset? expiresAt)
    {
        _signed.Add((role, expiresAt));
        return new Problem.Unavailable("no-signing-key", "Not here.");
    }
}
