using System.Text.Json.Nodes;
using LocalStripe.Storage;

namespace LocalStripe.Transport;

/// <summary>One call as its handler sees it.</summary>
internal sealed record ApiCall(Work Work, Parameters Form, string Path, RouteValueDictionary Route)
{
    public string Id => (string)Route["id"]!;

    public long Now => Work.Now;
}

/// <summary>What a handler answers. A 402 is an answer too: the failed attempt it reports is kept.</summary>
internal sealed record Answer(int Status, JsonObject Body)
{
    public static implicit operator Answer(JsonObject body) => new(200, body);
}

internal delegate Answer Handler(ApiCall call);
