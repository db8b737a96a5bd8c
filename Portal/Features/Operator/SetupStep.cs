namespace Portal.Features.Operator;

/// <summary>A step of the setup guide, ticked by what is really so.</summary>
/// <param name="What">A few words.</param>
/// <param name="Why">What it is good for, or what happens without it.</param>
/// <param name="Href">Where it is done; null for a setting, which takes a restart.</param>
public sealed record SetupStep(string What, string Why, bool Done, string? Href = null, string? Action = null);
