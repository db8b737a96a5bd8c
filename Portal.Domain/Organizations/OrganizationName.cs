using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Organizations;

/// <summary>
/// The name of an organization: a label that is no address. It stands in emails to people who never heard of the portal,
/// whose programs make links of what looks like one.
/// </summary>
internal static class OrganizationName
{
    private static readonly string[] OfAddresses = ["://", "www.", "@"];

    public static Outcome<Label> Create(string? text) =>
        Label.Create(text, "name").TryGet(out var label, out var problem)
            ? OfAddresses.Any(part => label.Value.Contains(part, StringComparison.OrdinalIgnoreCase))
                ? new Problem.Invalid("name-address", "The name of an organization can't contain a web or email address. Use the name that people know it by.", "name")
                : label
            : problem;
}
