using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Adapters.PulsarAdmin;

internal sealed record KnownInterval(TimeSpan Interval, bool StoresWhatArrives, long ReadAt);

/// <summary>
/// Calls to one cluster's admin API. Enters at any broker that answers, remembers every broker ever listed, and follows
/// redirects by itself: the framework would drop the credentials on the way to another host, and would follow to any.
/// </summary>
internal sealed partial class ClusterConnection(
    ClusterRegistration registration,
    HttpClient http,
    TimeProvider clock,
    ILogger<ClusterConnection> log
)
{
    private const int MaxHops = 5;
    internal static readonly TimeSpan PerBroker = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan PerCall = TimeSpan.FromSeconds(25);

    private readonly Lock _gate = new();
    private readonly List<Uri> _brokers = [.. registration.AdminUrls.Select(Root).Distinct()];
    private readonly AuthenticationHeaderValue? _authorization = registration.AdminToken is { } token ? new("Bearer", token) : null;
    private volatile Uri? _lastGood;
    private string? _pulsarName;

    public ClusterRegistration Registration => registration;

    public string Name => registration.Name;

    /// <summary>The cluster's own name, under which tenants are allowed and rates are kept. It is read once and never changes.</summary>
    public async Task<Outcome<string>> PulsarNameAsync(CancellationToken cancellationToken)
    {
        if (_pulsarName is { } known)
            return known;
        if (!(await BrokerSettings.ReadAsync(this, cancellationToken)).TryGet(out var settings, out var problem))
            return problem;
        if (settings.GetValueOrDefault("clusterName") is not { Length: > 0 } name)
            return PulsarProblems.Unreadable(Name);
        return _pulsarName = name;
    }

    /// <summary>How often its brokers refresh broker-stats, as it was read last.</summary>
    public KnownInterval? StatisticsInterval { get; set; }

    public static HttpClient NewHttpClient() =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.GZip,
                ConnectTimeout = TimeSpan.FromSeconds(3),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2), // so that a moved name is looked up again
                UseCookies = false,
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan, // each call has its own
        };

    /// <summary>Adds brokers that the cluster listed (<c>host:port</c>) to those that may be asked and redirected to.</summary>
    public void Remember(IEnumerable<string> brokers)
    {
        lock (_gate)
        {
            foreach (var broker in brokers)
            {
                if (
                    Uri.TryCreate($"{registration.AdminUrls[0].Scheme}://{broker}/", UriKind.Absolute, out var url)
                    && !_brokers.Contains(Root(url))
                )
                    _brokers.Add(Root(url));
            }
        }
    }

    /// <summary>The address at which a broker of the list is asked itself.</summary>
    public Uri AddressOf(string broker) => new($"{registration.AdminUrls[0].Scheme}://{broker}/");

    /// <summary>What an answer without a body of interest came to.</summary>
    public Outcome<Done> Done(PulsarAnswer answer) => answer.IsSuccess ? Outcome.Done : PulsarProblems.Of(Name, answer);

    public Task<Outcome<PulsarAnswer>> GetAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>
    /// GET of a JSON document; an empty answer is the type's null. Another status than 2xx goes to <paramref name="otherwise"/>, if it has
    /// an opinion.
    /// </summary>
    public async Task<Outcome<T?>> GetAsync<T>(
        string path,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken,
        Func<PulsarAnswer, Outcome<T?>?>? otherwise = null
    )
    {
        if (!(await GetAsync(path, cancellationToken)).TryGet(out var answer, out var problem))
            return problem;
        if (!answer.IsSuccess)
            return otherwise?.Invoke(answer) ?? PulsarProblems.Of(Name, answer);
        if (answer.Body.Length == 0)
            return default(T);
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type);
        }
        catch (JsonException)
        {
            return PulsarProblems.Unreadable(Name);
        }
    }

    /// <summary>The JSON document of an answer to another method than GET.</summary>
    public Outcome<T> Read<T>(PulsarAnswer answer, JsonTypeInfo<T> type)
    {
        if (!answer.IsSuccess)
            return PulsarProblems.Of(Name, answer);
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) is { } document ? document : PulsarProblems.Unreadable(Name);
        }
        catch (JsonException)
        {
            return PulsarProblems.Unreadable(Name);
        }
    }

    /// <summary>
    /// Sends to a broker that answers. Every such call may be carried out twice, so that another broker is asked after any failure of the
    /// way there.
    /// </summary>
    /// <param name="path">Relative, escaped.</param>
    /// <param name="json">The body, in UTF-8.</param>
    public Task<Outcome<PulsarAnswer>> SendAsync(HttpMethod method, string path, byte[]? json, CancellationToken cancellationToken) =>
        SendAsync(method, path, PulsarBody.Json(json), uncertain: null, cancellationToken);

    /// <summary>The same with a form of one part, as the functions worker wants it.</summary>
    /// <param name="address">Of the package that a function runs, as a second part; null for none.</param>
    public Task<Outcome<PulsarAnswer>> SendPartAsync(
        HttpMethod method,
        string path,
        string part,
        byte[] json,
        CancellationToken cancellationToken,
        string? address = null
    ) => SendAsync(method, path, PulsarBody.Form(part, json, address), uncertain: null, cancellationToken);

    /// <summary>
    /// A file, from its stream to the first broker that takes it. It may take as long as whoever asks will wait, and no
    /// redirect is followed: every broker stores packages.
    /// </summary>
    public async Task<Outcome<PulsarAnswer>> UploadAsync(string path, Stream file, string description, CancellationToken cancellationToken)
    {
        foreach (var broker in Candidates())
        {
            try
            {
                using var request = Request(HttpMethod.Post, new Uri(broker, path), null);
                request.Content = new MultipartFormDataContent
                {
                    {
                        new ByteArrayContent(
                            JsonSerializer.SerializeToUtf8Bytes(new PackageDocument(description), PulsarJson.Default.PackageDocument)
                        )
                        {
                            Headers = { ContentType = new("application/json") },
                        },
                        "metadata"
                    },
                    { new FileContent(file), "file", "package" },
                };
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
                return new PulsarAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken));
            }
            catch (HttpRequestException exception)
            {
                LogUnreachable(Name, broker, exception.Message);
            }
        }
        return PulsarProblems.Unreachable(Name);
    }

    /// <summary>
    /// The same for what must not be carried out twice: another broker is asked only where the first one cannot have heard of it.
    /// </summary>
    /// <param name="uncertain">What it is when a broker may have done it and nobody knows.</param>
    public Task<Outcome<PulsarAnswer>> SendOnceAsync(
        HttpMethod method,
        string path,
        Problem uncertain,
        CancellationToken cancellationToken
    ) => SendAsync(method, path, null, uncertain, cancellationToken);

    private async Task<Outcome<PulsarAnswer>> SendAsync(
        HttpMethod method,
        string path,
        PulsarBody? body,
        Problem? uncertain,
        CancellationToken cancellationToken
    )
    {
        var began = clock.GetTimestamp();
        var worst = PulsarProblems.Unreachable(Name);
        foreach (var broker in Candidates())
        {
            if (clock.GetElapsedTime(began) > PerCall)
                break;
            using var timeout = new CancellationTokenSource(PerBroker, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                var outcome = await FollowAsync(method, new Uri(broker, path), body, both.Token);
                if (outcome.IsOk)
                    _lastGood = broker;
                return outcome;
            }
            catch (HttpRequestException exception)
            {
                LogUnreachable(Name, broker, exception.Message);
                if (uncertain is not null && !NeverConnected(exception))
                    return uncertain;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                worst = PulsarProblems.Timeout(Name);
                LogUnreachable(Name, broker, "no answer in time");
                if (uncertain is not null)
                    return uncertain;
            }
        }
        return worst;
    }

    private static bool NeverConnected(HttpRequestException exception) =>
        exception.HttpRequestError
            is HttpRequestError.ConnectionError
                or HttpRequestError.NameResolutionError
                or HttpRequestError.SecureConnectionError;

    /// <summary>One broker's own answer as a stream, no other's: a redirect is refused.</summary>
    /// <exception cref="BrokerSilentException">It did not answer, or not with 200.</exception>
    public async Task<Stream> StreamAsync(string broker, string path, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(PerBroker, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            using var request = Request(HttpMethod.Get, new Uri(AddressOf(broker), path), null);
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return response.StatusCode == HttpStatusCode.OK
                ? await response.Content.ReadAsStreamAsync(both.Token) // closes the response with it
                : throw new BrokerSilentException($"{broker} answered {(int)response.StatusCode}.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            response?.Dispose();
            throw new BrokerSilentException($"{broker} cannot be reached: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            throw new BrokerSilentException($"{broker} did not answer in time.", exception);
        }
        catch
        {
            response?.Dispose();
            throw;
        }
    }

    private async Task<Outcome<PulsarAnswer>> FollowAsync(
        HttpMethod method,
        Uri address,
        PulsarBody? body,
        CancellationToken cancellationToken
    )
    {
        for (var hop = 0; ; hop++)
        {
            using var request = Request(method, address, body);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
            if (
                response.StatusCode
                is not (
                    HttpStatusCode.TemporaryRedirect
                    or HttpStatusCode.PermanentRedirect
                    or HttpStatusCode.Found
                    or HttpStatusCode.MovedPermanently
                )
            )
                return new PulsarAnswer(
                    response.StatusCode,
                    await response.Content.ReadAsByteArrayAsync(cancellationToken),
                    ClockSkew.Of(response.Headers.Date, clock.Now()),
                    response.Headers
                );
            if (hop == MaxHops || response.Headers.Location is not { } location)
                return PulsarProblems.RedirectRefused(Name, response.Headers.Location);
            address = new Uri(address, location);
            if (!await MayFollowAsync(address, cancellationToken))
                return PulsarProblems.RedirectRefused(Name, address);
        }
    }

    internal HttpRequestMessage Request(HttpMethod method, Uri address, PulsarBody? body)
    {
        var request = new HttpRequestMessage(method, address);
        PeerTag.Set(request, $"cluster:{Name}");
        request.Headers.Authorization = _authorization;
        if (body is not null)
            request.Content = body.ToContent();
        return request;
    }

    /// <summary>The credentials go to the cluster's own brokers only, and never from https to http.</summary>
    private async Task<bool> MayFollowAsync(Uri address, CancellationToken cancellationToken)
    {
        if (address.Scheme != registration.AdminUrls[0].Scheme)
            return false;
        if (Knows(address))
            return true;
        // A broker that joined since: the list is asked where we came in by, which is trusted already.
        foreach (var broker in Candidates().Take(2))
        {
            try
            {
                using var response = await http.SendAsync(
                    Request(HttpMethod.Get, new Uri(broker, "admin/v2/brokers"), null),
                    cancellationToken
                );
                if (!response.IsSuccessStatusCode)
                    continue;
                Remember(
                    JsonSerializer.Deserialize(
                        await response.Content.ReadAsByteArrayAsync(cancellationToken),
                        PulsarJson.Default.StringArray
                    ) ?? []
                );
                return Knows(address);
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException)
            {
                LogUnreachable(Name, broker, exception.Message);
            }
        }
        return false;
    }

    private bool Knows(Uri address)
    {
        lock (_gate)
            return _brokers.Contains(Root(address));
    }

    private List<Uri> Candidates()
    {
        lock (_gate)
        {
            List<Uri> brokers = [.. _brokers];
            if (_lastGood is not { } first)
                return brokers;
            brokers.Remove(first);
            brokers.Insert(0, first);
            return brokers;
        }
    }

    /// <summary>Written from its beginning each time, and left open.</summary>
    private sealed class FileContent(Stream file) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            file.Position = 0;
            return file.CopyToAsync(stream, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = file.Length;
            return true;
        }
    }

    private static Uri Root(Uri url) => new(url.GetLeftPart(UriPartial.Authority) + "/");

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cluster {Cluster}: {Broker} cannot be asked: {Reason}")]
    private partial void LogUnreachable(string cluster, Uri broker, string reason);
}
