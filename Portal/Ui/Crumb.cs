namespace Portal.Ui;

/// <summary>A step of the breadcrumb line; without an address it is where one is.</summary>
public sealed record Crumb(string Text, string? Href = null);
