using System.Net;

namespace LocalStripe.Pages;

/// <summary>The frame of the hosted pages: no script, nothing from elsewhere, light and dark, phone width.</summary>
internal static class Html
{
    private const string Style = """
        :root { color-scheme: light dark; --page: #f4f5f8; --card: #fff; --text: #1b1f2a; --soft: #5b6274; --line: #d9dde6; --accent: #4b50d6; --on-accent: #fff; --bad: #b3261e; --bad-soft: #fdeceb; --note: #fff6da; --note-text: #5f4700; }
        @media (prefers-color-scheme: dark) { :root { --page: #12141b; --card: #1c1f29; --text: #eceef4; --soft: #a3abbd; --line: #363b4a; --accent: #a6a9ff; --on-accent: #14162b; --bad: #ffb4ab; --bad-soft: #3b1f1e; --note: #3a3112; --note-text: #ffe9a8; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 34rem; margin: 2.5rem auto; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
        @media (max-width: 40rem) { main { margin: 0; min-height: 100vh; border: 0; border-radius: 0; padding: 1.25rem; } }
        .note { margin: 0 0 1.5rem; padding: .6rem .9rem; border-radius: 8px; background: var(--note); color: var(--note-text); font-size: .875rem; }
        .problem { margin: 1rem 0; padding: .7rem .9rem; border-radius: 8px; background: var(--bad-soft); color: var(--bad); }
        h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25; } p { margin: 0 0 1rem; } .soft { color: var(--soft); font-size: .9rem; }
        fieldset { margin: 0 0 1.25rem; padding: 0; border: 0; } legend { padding: 0; margin-bottom: .5rem; font-weight: 600; }
        .choice { display: flex; gap: .75rem; align-items: flex-start; padding: .65rem .8rem; border: 1px solid var(--line); cursor: pointer; }
        .choice:first-of-type { border-radius: 8px 8px 0 0; } .choice:last-of-type { border-radius: 0 0 8px 8px; } .choice + .choice { border-top: 0; }
        .choice input { margin-top: .3rem; accent-color: var(--accent); } .number { font-variant-numeric: tabular-nums; font-weight: 500; }
        .choice span span { display: block; }
        .field { display: block; margin-bottom: .8rem; } .field input { display: block; width: 100%; margin-top: .25rem; padding: .6rem .7rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: 8px; }
        ::placeholder { color: var(--soft); opacity: 1; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; }
        button, .button { display: inline-block; width: 100%; padding: .75rem 1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: 8px; cursor: pointer; }
        button.quiet { margin-top: .75rem; color: var(--accent); background: transparent; } :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        a { color: var(--accent); } .back { display: block; margin-top: 1rem; text-align: center; }
        table { width: 100%; border-collapse: collapse; margin: 1rem 0; } th, td { padding: .45rem 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; } th:last-child, td:last-child { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-left: 1rem; }
        tfoot td { border: 0; font-weight: 600; }
        """;

    public static string Escape(string? text) => WebUtility.HtmlEncode(text ?? "");

    /// <summary>Writes a page. <paramref name="targets"/> are where its forms may lead: browsers hold redirects to that too.</summary>
    public static Task WriteAsync(HttpContext context, string title, string body, IReadOnlyCollection<string> targets)
    {
        var origins = targets.Select(target => new Uri(target).GetLeftPart(UriPartial.Authority)).Distinct();
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
            + $"form-action 'self' {string.Join(' ', origins)}";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        // A session's address is its key: no other site gets it. "same-origin" keeps it for this page's own forms.
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Escape(title)} · LocalStripe</title>
            <style>{Style}</style>
            </head>
            <body><main>
            <p class="note">This is LocalStripe, the development stand-in for Stripe. No money moves and no real card works.</p>
            {body}
            </main></body>
            </html>
            """,
            context.RequestAborted
        );
    }
}
