using System.Text.RegularExpressions;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Domain.Organizations;

/// <summary>
/// The name of an organization: a label that is no address. It stands in emails to people who never heard of the portal,
/// whose programs make links of what looks like one.
/// </summary>
internal static partial class OrganizationName
{
    private static readonly string[] OfAddresses = ["://", "www.", "@"];

    public static Outcome<Label> Create(string? text) =>
        Label.Create(text, "name").TryGet(out var label, out var problem)
            ? OfAddresses.Any(part => label.Value.Contains(part, StringComparison.OrdinalIgnoreCase))
            || HoldsDomain().IsMatch(label.Value) && !IsDomain().IsMatch(label.Value)
                ? new Problem.Invalid(
                    "name-address",
                    "The name of an organization can't contain a web or email address. Use the name that people know it by.",
                    "name"
                )
                : label
            : problem;

    /// <summary>What mail programs make a link of, with whatever stands in for the dot.</summary>
    [GeneratedRegex(@"[\p{L}\p{N}][.\u2024\u3002\uFF0E\uFF61][\p{L}\p{N}-]*\p{L}{2}", RegexOptions.CultureInvariant)]
    private static partial Regex HoldsDomain();

    /// <summary>
    /// A company that is called so: Booking.com, or Example.org Ltd. Nothing else fits around it that a sentence would need.
    /// </summary>
    [GeneratedRegex(@"^[\p{L}\p{N}-]+\.\p{L}{2,}( (\p{L}{1,12}\.?|(\p{L}\.){2,4})){0,2}$", RegexOptions.CultureInvariant)]
    private static partial Regex IsDomain();
}
