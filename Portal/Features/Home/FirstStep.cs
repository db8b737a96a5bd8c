namespace Portal.Features.Home;

/// <summary>A step of the quickstart.</summary>
/// <param name="Href">Null while an earlier step is missing.</param>
public sealed record FirstStep(string What, bool Done, string? Href, string Action);
