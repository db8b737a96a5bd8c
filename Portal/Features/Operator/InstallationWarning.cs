namespace Portal.Features.Operator;

/// <summary>
/// A setting of the portal itself that puts revenue or security at risk, for the operator's pages. One registration for each.
/// </summary>
/// <param name="Sentence">What it means and what to set.</param>
public sealed record InstallationWarning(string Sentence);
