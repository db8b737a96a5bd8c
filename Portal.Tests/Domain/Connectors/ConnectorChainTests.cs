using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Tests.Adapters.PulsarAdmin;

namespace Portal.Tests.Domain.Connectors;

public sealed class ConnectorChainTests
{
    private readonly Namespace _namespace = Given.Namespace(Given.Tenant("shop"));

    [Fact]
    public void The_way_of_the_data_is_drawn_from_the_first_source_to_the_last_sink()
    {
        var source = One("beats", ConnectorKind.Source, ["a"]);
        var first = One("score", ConnectorKind.Function, ["a"], "b");
        var second = One("filter", ConnectorKind.Function, ["b", "c"], "d");
        var (hook, archive) = (One("hook", ConnectorKind.Sink, ["d"]), One("archive", ConnectorKind.Sink, ["d"]));
        var elsewhere = One("other", ConnectorKind.Sink, ["e"]);
        var chain = ConnectorChain.Around(first, [source, first, second, hook, archive, elsewhere]);
        Assert.Equal(["beats", "a", "score", "b", "filter", "d", "archive hook"], Drawn(chain));
        Assert.Equal(
            ["beats", "a", "score", "b c", "filter", "d", "archive hook"],
            Drawn(ConnectorChain.Around(second, [source, first, second, hook, archive]))
        );
        Assert.Equal(["e", "other"], Drawn(ConnectorChain.Around(elsewhere, [source, elsewhere])));
    }

    [Fact]
    public void A_circle_is_drawn_once()
    {
        var (there, back) = (One("there", ConnectorKind.Function, ["a"], "b"), One("back", ConnectorKind.Function, ["b"], "a"));
        Assert.Equal(["b", "back", "a", "there"], Drawn(ConnectorChain.Around(there, [there, back])));
    }

    private static IEnumerable<string> Drawn(ConnectorChain chain) =>
        chain.Columns.Select(column => string.Join(' ', column.Select(place => place.Connector?.Name ?? place.Topic!.Split('/')[^1])));

    private Connector One(string name, ConnectorKind kind, string[] topics, string? output = null) =>
        new(
            new(Guid.CreateVersion7()),
            _namespace,
            ConnectorName.Create(name).Value,
            new(kind, "built-in", null),
            [.. topics.Select(Full)],
            null,
            false,
            new(Guarantee.AtLeastOnce, 1, [], null, []),
            ConnectorWish.Run,
            DateTimeOffset.UnixEpoch,
            output is null ? null : Full(output)
        );

    private static string Full(string topic) => $"persistent://shop/default/{topic}";
}
