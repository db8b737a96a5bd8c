using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Portal.Domain.Common;

namespace Portal.Adapters.PulsarWire;

/// <summary>Where a connection leads and with what.</summary>
/// <param name="Host">Of the broker, or of the proxy in front of it.</param>
/// <param name="ThroughProxyTo"><c>host:port</c> of the broker behind a proxy; null for none.</param>
/// <param name="Token">Asked for at each connection, and when the broker wants a newer one; null for clusters without
/// authentication.</param>
internal sealed record WireTarget(
    string Cluster,
    string Host,
    int Port,
    bool Tls,
    string? ThroughProxyTo,
    Func<Outcome<string>>? Token,
    X509Certificate2Collection? Authorities
);

/// <summary>
/// One connection to a broker, for one producer or one reader. It answers the broker's pings and its wish for a fresh
/// token, and ends with a problem when the broker falls silent, closes it, or sends what cannot be read.
/// </summary>
internal sealed class WireConnection : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>As long may a broker take nothing: one that throttles a topic stops reading for a while.</summary>
    private static readonly TimeSpan Stalled = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(30);

    /// <summary>Commands are small; payloads are at most what the broker says, and headers come on top.</summary>
    private const int Headroom = 1024 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly WireTarget _target;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<WireAnswer>> _asked = new();
    private readonly TaskCompletionSource<WireAnswer> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Problem> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;
    private long _heard;
    private ulong _request;
    private volatile bool _held;

    private WireConnection(Socket socket, Stream stream, WireTarget target, string topic, TimeProvider clock) =>
        (_socket, _stream, _target, Topic, _clock, _heard) = (socket, stream, target, topic, clock, clock.GetTimestamp());

    /// <summary>For sentences.</summary>
    public string Topic { get; }

    public int MaxMessageSize { get; private set; } = 5 * 1024 * 1024;

    /// <summary>Commands that answer no question; the payload is valid during the call only. Set before the first is asked for.</summary>
    public Func<WireAnswer, ReadOnlyMemory<byte>, CancellationToken, ValueTask>? Heard { get; set; }

    /// <summary>Why it ended, once it has.</summary>
    public Task<Problem> Ended => _ended.Task;

    public static async Task<Outcome<WireConnection>> OpenAsync(
        WireTarget target,
        string topic,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        string? token = null;
        if (target.Token is { } supply && !supply().TryGet(out token, out var unsigned))
            return unsigned;
        using var timeout = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        WireConnection? connection = null;
        try
        {
            await socket.ConnectAsync(target.Host, target.Port, both.Token);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (target.Tls)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(TlsOptions(target), both.Token);
            }
            connection = new(socket, stream, target, topic, clock);
            connection._reading = connection.ReadAsync();
            await connection.SendAsync(WireCommands.Connect(token, target.ThroughProxyTo), both.Token);
            var first = await Task.WhenAny(connection._connected.Task, connection.Ended).WaitAsync(both.Token);
            if (first == connection._connected.Task)
            {
                var opened = connection;
                connection = null;
                return opened;
            }
            return await connection.Ended;
        }
        catch (AuthenticationException refused)
        {
            return WireProblems.Untrusted(target.Cluster, refused.Message);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return connection is { Ended.IsCompletedSuccessfully: true }
                ? await connection.Ended
                : WireProblems.Unreachable(target.Cluster);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return WireProblems.Unreachable(target.Cluster);
        }
        finally
        {
            if (connection is not null)
                await connection.DisposeAsync();
            else if (!socket.Connected)
                socket.Dispose();
        }
    }

    /// <summary>Asks and waits for the answer of the same number. An ERROR is the broker's problem.</summary>
    public async Task<Outcome<WireAnswer>> AskAsync(Func<ulong, ReadOnlyMemory<byte>> command, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _request);
        var answer = new TaskCompletionSource<WireAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[number] = answer;
        try
        {
            if (await SendAsync(command(number), cancellationToken) is { } unsent)
                return unsent;
            await Task.WhenAny(answer.Task, Ended).WaitAsync(Patience, _clock, cancellationToken);
            if (!answer.Task.IsCompletedSuccessfully)
                return await Ended;
            var heard = await answer.Task;
            return heard.Kind == WireKind.Error ? WireProblems.OfBroker(_target.Cluster, Topic, heard.Error) : heard;
        }
        catch (TimeoutException)
        {
            return _held ? WireProblems.Held(Topic) : WireProblems.Silent(Topic);
        }
        finally
        {
            _asked.TryRemove(number, out _);
        }
    }

    /// <summary>Null when it is sent. A broker that takes nothing for long ends the connection.</summary>
    public async Task<Problem?> SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        if (Ended.IsCompletedSuccessfully)
            return await Ended;
        // Half a frame would spoil the connection for whoever comes next: only its end interrupts a write.
        await _writing.WaitAsync(cancellationToken);
        using var stalled = new CancellationTokenSource(Stalled, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stalled.Token, _stop.Token);
        try
        {
            await _stream.WriteAsync(frame, both.Token);
            return null;
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return await EndAsync(stalled.IsCancellationRequested ? WireProblems.Silent(Topic) : WireProblems.Ended(Topic));
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Ends it for a reason of its owner's.</summary>
    public async Task<Problem> EndAsync(Problem why)
    {
        _ended.TrySetResult(why);
        await _stop.CancelAsync();
        _socket.Dispose();
        return await Ended;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(WireProblems.Ended(Topic));
        await _reading;
        await _stream.DisposeAsync();
        _writing.Dispose();
        _stop.Dispose();
    }

    private static SslClientAuthenticationOptions TlsOptions(WireTarget target) =>
        new() { TargetHost = target.Host, CertificateChainPolicy = target.Authorities is { } own ? Trusting(own) : null };

    private static X509ChainPolicy Trusting(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private async Task ReadAsync()
    {
        using var pings = _clock.CreateTimer(_ => LookAlive(), null, PingAfter, PingAfter);
        try
        {
            var (buffer, have) = (new byte[256 * 1024], 0);
            while (true)
            {
                var read = await _stream.ReadAsync(buffer.AsMemory(have), _stop.Token);
                if (read == 0)
                    break;
                Volatile.Write(ref _heard, _clock.GetTimestamp());
                have += read;
                var done = 0;
                while (have - done >= 4)
                {
                    var size = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(done));
                    if (size > MaxMessageSize + Headroom)
                        throw new WireFormatException("A frame is longer than any may be.");
                    if (have - done - 4 < size)
                        break;
                    await TakeAsync(buffer.AsMemory(done + 4, (int)size));
                    done += 4 + (int)size;
                }
                buffer.AsSpan(done, have - done).CopyTo(buffer);
                have -= done;
                var wanted =
                    have >= 4 ? (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(buffer) + 4L, MaxMessageSize + Headroom + 4L) : 4;
                if (buffer.Length < wanted)
                    Array.Resize(ref buffer, wanted);
            }
        }
        catch (WireFormatException)
        {
            _ended.TrySetResult(WireProblems.Unreadable(Topic));
        }
        catch (Exception exception)
            when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It is over, whoever ended it.
        }
        _ended.TrySetResult(WireProblems.Ended(Topic));
    }

    /// <summary>Twice a ping's time without a word, though the broker was asked for one: it is gone.</summary>
    private void LookAlive()
    {
        var silent = _clock.GetElapsedTime(Volatile.Read(ref _heard));
        if (silent > 2 * PingAfter + PingAfter / 2)
            _ = EndAsync(WireProblems.Silent(Topic));
        else if (silent > PingAfter / 2)
            _ = SendAsync(WireCommands.Ping, CancellationToken.None);
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length < 4)
            throw new WireFormatException("A frame has no command.");
        var size = BinaryPrimitives.ReadUInt32BigEndian(frame.Span);
        if (size > frame.Length - 4)
            throw new WireFormatException("A command is longer than its frame.");
        var answer = WireAnswer.Read(frame.Span.Slice(4, (int)size));
        switch (answer.Kind)
        {
            case WireKind.Connected:
                if (answer.MaxMessageSize > 0)
                    MaxMessageSize = answer.MaxMessageSize;
                _connected.TrySetResult(answer);
                break;
            case WireKind.Ping:
                _ = SendAsync(WireCommands.Pong, CancellationToken.None);
                break;
            case WireKind.Pong:
                break;
            case WireKind.AuthChallenge:
                if (_target.Token is { } supply && supply().TryGet(out var token, out _))
                    _ = SendAsync(WireCommands.AuthResponse(token), CancellationToken.None);
                break;
            // A producer that has to wait for its topic is told again when it may begin.
            case WireKind.ProducerSuccess when !answer.Ready:
                _held = true;
                break;
            case WireKind.Error when !_connected.Task.IsCompleted:
                _ended.TrySetResult(WireProblems.OfBroker(_target.Cluster, Topic, answer.Error));
                break;
            default:
                if (answer.Request is { } number && answer.Kind is not (WireKind.CloseProducer or WireKind.CloseConsumer))
                {
                    if (_asked.TryGetValue(number, out var asked))
                        asked.TrySetResult(answer);
                }
                else if (Heard is { } hear)
                {
                    await hear(answer, frame[(4 + (int)size)..], _stop.Token);
                }
                break;
        }
    }
}
