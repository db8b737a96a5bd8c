using Portal.Domain.Common;
using Portal.Domain.Organizations;

namespace Portal.Features.Organizations;

/// <summary>What a member made, in a sentence.</summary>
internal static class GivenWords
{
    /// <summary>So many are named; the rest is counted.</summary>
    public const int Named = 10;

    public static string Of(Given given) =>
        given.Kind switch
        {
            GivenKind.Key => $"key {given.Name} of {given.Place}",
            GivenKind.ApiKey => $"API key {given.Name}",
            GivenKind.ApplicationSecret => $"secret of {given.Name}",
            _ => $"invitation of {given.Name}",
        };

    /// <summary>For example <c>key app of shop/default, API key deploy, and more</c>; empty for nothing.</summary>
    public static string Of(PageOf<Given> given) =>
        string.Join(", ", given.Items.Take(Named).Select(Of)) + (given.Next is not null || given.Items.Count > Named ? ", and more" : "");
}
