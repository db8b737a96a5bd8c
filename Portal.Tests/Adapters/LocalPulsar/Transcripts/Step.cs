namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

/// <summary>One act of the scenario that real brokers and LocalPulsar are put through.</summary>
internal abstract record Step;

/// <summary>A step whose answer stands in the transcript, under a name of its own.</summary>
internal abstract record AnsweredStep(string Name) : Step;

/// <summary>A request to the admin API.</summary>
/// <param name="Path">Below <c>/admin/v2/</c>, or absolute; escaped. <c>{time NAME}</c> is the publish time of a kept message, <c>{entry
/// NAME}</c> its place.</param>
internal sealed record Call(string Name, string Method, string Path, string? Body = null) : AnsweredStep(Name)
{
    /// <summary>The role of the token; null for a request without one, <c>!</c> for a token that nobody signed.</summary>
    public string? As { get; init; } = Scenario.Admin;

    public string ContentType { get; init; } = "application/json";

    /// <summary>What the answer comes to say, as <c>path/to/field=value</c>: asked again until it does.</summary>
    public string? Until { get; init; }

    /// <summary>The part of the answer that is compared, <c>path/to/field</c>: the rest belongs to other tests' topics.</summary>
    public string? Within { get; init; }

    /// <summary>Of a real broker's answer only these fields are kept; LocalPulsar may answer no others.</summary>
    public IReadOnlyList<string>? Only { get; init; }
}

/// <summary>Opens a WebSocket, below <c>/ws/v2/</c>.</summary>
internal sealed record Connect(string Client, string Path) : Step
{
    public string As { get; init; } = Scenario.Admin;
}

/// <summary>Asks for a WebSocket and is refused.</summary>
internal sealed record Refused(string Name, string Path) : AnsweredStep(Name)
{
    public string? As { get; init; } = Scenario.Admin;
}

/// <summary>Sends a text frame. <c>{id NAME}</c> is the id of a kept message.</summary>
internal sealed record Send(string Client, string Frame) : Step;

/// <summary>The next frame, or how the connection ended.</summary>
internal sealed record Receive(string Name, string Client) : AnsweredStep(Name)
{
    /// <summary>Keeps the message's id, and its publish time if it has one, under this name.</summary>
    public string? Keep { get; init; }
}

internal sealed record Close(string Client) : Step;
