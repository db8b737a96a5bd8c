using LocalPulsar.Security;

namespace LocalPulsar.Admin;

/// <summary>The front of the admin API: who calls, where to, and what an unhandled failure looks like.</summary>
internal sealed partial class AdminApi(Router router, Tokens tokens, ILogger<AdminApi> logger)
{
    // Another method is none of any path's. One of these may be a broker's where there is none here: 404, as for a path that is missing.
    private static readonly string[] _methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

    public async Task HandleAsync(HttpContext context, string target)
    {
        var answer = await AnswerAsync(context, target);
        if (!context.RequestAborted.IsCancellationRequested)
            await answer.WriteAsync(context);
    }

    /// <summary>The token of a request: a header with the word Bearer (case counts), or <c>?token=</c>.</summary>
    public static string? Token(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.Ordinal) ? header[Scheme.Length..].Trim()
            : header.Length == 0 && context.Request.Query.TryGetValue("token", out var values) ? values[0]
            : null;
    }

    private async Task<Answer> AnswerAsync(HttpContext context, string target)
    {
        var path = target.Split('?', 2)[0];
        var parts = Router.Split(target);
        // HEAD is GET whose body the server keeps back.
        var (handler, segments) = router.Find(HttpMethods.IsHead(context.Request.Method) ? HttpMethods.Get : context.Request.Method, parts);
        var known = parts is ["admin", ..] or ["_local", ..];
        if (!known)
            return Answer.Page(404, "Not Found", path);
        var (state, role) = Token(context) is { } token ? await tokens.CheckAsync(token) : (TokenState.Refused, "");
        if (state == TokenState.Refused)
            return Answer.Page(401, "Authentication required", path);
        if (state == TokenState.WithoutSubject)
            return Answer.Page(500, "Request failed.", path);
        if (handler is null)
            return router.Knows(parts) && !_methods.Contains(context.Request.Method)
                ? Answer.Page(405, "Method Not Allowed", path)
                : Answer.Page(404, "Not Found", path);
        try
        {
            return await handler(new Call(context, path, role, segments));
        }
        catch (RefusalException refusal)
        {
            return refusal.Answer;
        }
        catch (Topics.TopicRefusalException refusal)
        {
            return Answer.Refused(refusal.Kind is Topics.RefusalKind.TopicNotFound ? 404 : 409, refusal.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailure(e, path);
            return Answer.Refused(
                500,
                $"\n --- An unexpected error occurred in the server ---\n\nMessage: {e.Message}\n\nStacktrace:\n\n{e}"
            );
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request to {Path} failed.")]
    private partial void LogFailure(Exception error, string path);
}
