using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Portal.Tests.Support.Journeys;

/// <summary>
/// Stands between the portal and a cluster's admin API, and keeps what functions workers were told to do. Where brokers name
/// themselves it puts its own address, so that nothing passes beside it.
/// </summary>
public sealed class WorkerRecorder : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly Uri _target;
    private readonly Task _serving;

    private WorkerRecorder(HttpListener listener, Uri url, Uri target)
    {
        (_listener, Url, _target) = (listener, url, target);
        _serving = Task.Run(ServeAsync);
    }

    public Uri Url { get; }

    /// <summary>What changes something at a worker, in order: <c>POST sinks/shop/default/hook</c>.</summary>
    public ConcurrentQueue<Told> Orders { get; } = [];

    /// <summary>Answers in the cluster's place; null lets it answer.</summary>
    public Func<string, string, HttpStatusCode?> Instead { get; set; } = (_, _) => null;

    /// <summary>Called once the cluster has done what it was told.</summary>
    public Action<Told> Done { get; set; } = _ => { };

    public sealed record Told(string Method, string Path, string Body)
    {
        public override string ToString() => $"{Method} {Path}";

        /// <summary>The document that a worker was sent.</summary>
        public JsonObject Document =>
            (JsonObject)JsonNode.Parse(Body[Body.IndexOf('{', StringComparison.Ordinal)..(Body.LastIndexOf('}') + 1)])!;
    }

    /// <param name="settings">Of the cluster; the address of its admin API becomes this one.</param>
    public static WorkerRecorder Before(Dictionary<string, string> settings)
    {
        const string AdminUrl = "Portal__Clusters__0__AdminUrl";
        var url = new Uri($"http://127.0.0.1:{RunningPortal.FreePort()}/");
        var listener = new HttpListener { Prefixes = { url.ToString() } };
        listener.Start();
        var recorder = new WorkerRecorder(listener, url, new Uri(settings[AdminUrl].Split(',')[0]));
        settings[AdminUrl] = url.ToString().TrimEnd('/');
        return recorder;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        _listener.Close();
        _http.Dispose();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
            catch (Exception over) when (over is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var (method, path) = (context.Request.HttpMethod, context.Request.RawUrl!);
            var isOrder = method != "GET" && path.StartsWith("/admin/v3/", StringComparison.Ordinal);
            var told = new Told(
                method,
                path.Replace("/admin/v3/", "", StringComparison.Ordinal),
                isOrder ? Encoding.UTF8.GetString(body.ToArray()) : ""
            );
            if (isOrder)
                Orders.Enqueue(told);
            if (Instead(method, told.Path) is { } status)
            {
                context.Response.StatusCode = (int)status;
                context.Response.Close();
                return;
            }
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_target, path));
            if (body.Length > 0)
                request.Content = new ByteArrayContent(body.ToArray());
            foreach (
                var name in context
                    .Request.Headers.AllKeys.OfType<string>()
                    .Where(name => name is "Authorization" or "Content-Type" or "Accept")
            )
            {
                if (!request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]))
                    request.Content?.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]);
            }
            using var answer = await _http.SendAsync(request);
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            if (path.Contains("brokers", StringComparison.Ordinal))
                bytes = Encoding.UTF8.GetBytes(Own(Encoding.UTF8.GetString(bytes)));
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            if (answer.Headers.Location is { } location)
                context.Response.RedirectLocation = Own(location.ToString());
            await context.Response.OutputStream.WriteAsync(bytes);
            context.Response.Close();
            if (isOrder && answer.IsSuccessStatusCode)
                Done(told);
        }
        catch (Exception gone)
            when (gone
                    is HttpListenerException
                        or HttpRequestException
                        or ObjectDisposedException
                        or IOException
                        or ProtocolViolationException
            )
        {
            context.Response.Abort();
        }
    }

    private string Own(string text) =>
        text.Replace($"localhost:{_target.Port}", Url.Authority, StringComparison.Ordinal)
            .Replace(_target.Authority, Url.Authority, StringComparison.Ordinal);
}
