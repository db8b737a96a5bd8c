using System.Runtime.CompilerServices;

namespace Portal.Domain.Common;

/// <summary>Walks a list that pages, to its end.</summary>
public static class PageWalk
{
    public static async IAsyncEnumerable<T> AllAsync<T>(
        Func<PageRequest, Task<PageOf<T>>> list,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (string? after = null; ; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await list(new PageRequest(PageRequest.MaxLimit, after));
            foreach (var item in page.Items)
                yield return item;
            if (page.Next is null)
                yield break;
            after = page.Next;
        }
    }
}
