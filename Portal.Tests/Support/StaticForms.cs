using System.Net;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace Portal.Tests.Support;

/// <summary>A form of a static page as a browser sees it.</summary>
/// <param name="Hidden">With the values that the page gave them.</param>
/// <param name="Visible">Names of what a person fills in.</param>
public sealed record StaticForm(string Name, IReadOnlyList<KeyValuePair<string, string>> Hidden, IReadOnlyList<string> Visible)
{
    public const string Token = "__RequestVerificationToken";
}

/// <summary>Every form that is posted. Interactive pages have none: what they change goes through the circuit.</summary>
public static partial class StaticForms
{
    /// <summary>Addresses of all static pages; parameters of a route are "gone".</summary>
    public static string[] Pages =>
        [
            .. from type in typeof(Portal.Hosting.UseCases).Assembly.GetTypes()
            where type.IsDefined(typeof(ExcludeFromInteractiveRoutingAttribute))
            from route in type.GetCustomAttributes<RouteAttribute>()
            select RouteParameter().Replace(route.Template, "gone"),
        ];

    /// <summary>The forms of a page; none where it answers with something else.</summary>
    public static async Task<IReadOnlyList<StaticForm>> FormsOfAsync(this HttpClient browser, string page)
    {
        using var answer = await browser.GetAsync(page);
        return answer.StatusCode == HttpStatusCode.OK ? [.. Read(await answer.Content.ReadAsStringAsync())] : [];
    }

    private static IEnumerable<StaticForm> Read(string html) =>
        from Match match in PostForm().Matches(html)
        let inputs = Input()
            .Matches(match.Value)
            .Select(input =>
                (Name: Attribute(input.Value, "name"), Type: Attribute(input.Value, "type"), Value: Attribute(input.Value, "value"))
            )
            .Where(input => input.Name is not null)
            .ToList()
        let name = inputs.FirstOrDefault(input => input.Name == "_handler").Value
        where name is not null
        select new StaticForm(
            name,
            [.. inputs.Where(input => input.Type == "hidden").Select(input => KeyValuePair.Create(input.Name!, input.Value ?? ""))],
            [.. inputs.Where(input => input.Type != "hidden").Select(input => input.Name!)]
        );

    private static string? Attribute(string tag, string name) =>
        Regex.Match(tag, $"\\b{name}=\"([^\"]*)\"") is { Success: true } match ? WebUtility.HtmlDecode(match.Groups[1].Value) : null;

    [GeneratedRegex("<form[^>]*method=\"post\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex PostForm();

    [GeneratedRegex("<(input|textarea|select|button)\\b[^>]*>")]
    private static partial Regex Input();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex RouteParameter();
}
