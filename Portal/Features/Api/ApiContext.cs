using System.Reflection;
using Portal.Domain.Access;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>What every endpoint needs of its request: who asks, and which page of a list (<c>?limit=&amp;after=&amp;search=</c>).</summary>
public sealed class ApiContext
{
    private ApiContext(Actor actor, Outcome<PageRequest> page) => (Actor, Page) = (actor, page);

    public Actor Actor { get; }

    public Outcome<PageRequest> Page { get; }

    public static async ValueTask<ApiContext?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var actor = await context.RequestServices.GetRequiredService<IActorProvider>().CurrentAsync();
        return new(actor, ReadPage(context.Request.Query));
    }

    private static Outcome<PageRequest> ReadPage(IQueryCollection query)
    {
        int? limit = null;
        if (query["limit"].FirstOrDefault() is { Length: > 0 } text)
            limit = int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        return PageRequest.Create(limit, query["after"].FirstOrDefault(), query["search"].FirstOrDefault());
    }

    /// <summary>Runs a list with the page that was asked for.</summary>
    public async Task<IResult> ListAsync<T, TBody>(Func<PageRequest, Task<Outcome<PageOf<T>>>> list, Func<T, TBody> body) =>
        Page.TryGet(out var page, out var problem) ? (await list(page)).ToPage(body) : problem.ToResult();
}
