using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Adapters.KafkaSource;

/// <summary>A server that speaks enough of Kafka's protocol to be believed, and then does what no Kafka does.</summary>
internal sealed class HostileKafka : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _topics;
    private byte[]? _bomb;

    /// <param name="topics">That it answers with, whatever is asked for.</param>
    public HostileKafka(int topics = 10)
    {
        _topics = Topics(topics);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => $"{_listener.LocalEndpoint}";

    /// <summary>Null kills librdkafka's DescribeCluster.</summary>
    public string? ClusterId { get; set; } = "hostile";

    /// <summary>It accepts connections and says nothing.</summary>
    public bool Silent { get; set; }

    /// <summary>Answers claim to be of this many bytes, and more of them come for as long as somebody reads.</summary>
    public int? Flood { get; set; }

    /// <summary>Megabytes that the one batch it has becomes when it is inflated.</summary>
    public int Inflated { get; set; } = 1;

    public static string Topic(int number) => $"topic-{number:D7}";

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = new byte[4];
                while (true)
                {
                    await stream.ReadExactlyAsync(head);
                    var request = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
                    await stream.ReadExactlyAsync(request);
                    if (Silent)
                        continue;
                    var (api, version, correlation) = (
                        BinaryPrimitives.ReadInt16BigEndian(request),
                        BinaryPrimitives.ReadInt16BigEndian(request.AsSpan(2)),
                        BinaryPrimitives.ReadInt32BigEndian(request.AsSpan(4))
                    );
                    var answer = api == 1 ? Fetched() : Answer(api, version);
                    await stream.WriteAsync(
                        new Written().Int(Flood is { } flood && api == 3 ? flood : answer.Length + 4).Int(correlation).Bytes
                    );
                    await stream.WriteAsync(answer);
                    while (Flood is not null && api == 3)
                        await stream.WriteAsync(new byte[64 * 1024]);
                    // As a broker waits for records that don't come.
                    if (api == 1)
                        await Task.Delay(200);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
            {
                // Whoever asked is gone.
            }
        }
    }

    private byte[] Answer(short api, short version) =>
        api switch
        {
            18 when version > 0 => new Written().Short(35).Int(0).Bytes,
            // What it can, with the lowest and the highest version.
            18 => new Written()
                .Short(0)
                .Int(10)
                .Api(0, 0, 3)
                .Api(1, 0, 4)
                .Api(2, 0, 1)
                .Api(3, 0, 2)
                .Api(9, 0, 1)
                .Api(10, 0, 0)
                .Api(15, 0, 0)
                .Api(16, 0, 0)
                .Api(18, 0, 0)
                .Api(32, 0, 0)
                .Bytes,
            // One broker, itself; the cluster's id; who controls it; topics.
            3 => [.. new Written().Int(1).Int(1).Text("127.0.0.1").Int(Port).Short(-1).Text(ClusterId).Int(1).Bytes, .. _topics],
            10 => new Written().Short(0).Int(1).Text("127.0.0.1").Int(Port).Bytes,
            16 => new Written().Short(0).Int(0).Bytes,
            17 => new Written().Short(34).Int(0).Bytes,
            _ => new Written().Int(0).Bytes,
        };

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    private static byte[] Topics(int count)
    {
        var written = new Written().Int(count);
        for (var number = 0; number < count; number++)
            written.Short(0).Text(Topic(number)).Byte(0).Int(1).Short(0).Int(0).Int(1).Int(1).Int(1).Int(1).Int(1);
        return written.Bytes;
    }

    /// <summary>Fetch, version 4: the one batch of the first topic.</summary>
    private byte[] Fetched()
    {
        _bomb ??= Bomb(Inflated);
        return
        [
            .. new Written().Int(0).Int(1).Text(Topic(0)).Int(1).Int(0).Short(0).Long(1).Long(1).Int(-1).Int(_bomb.Length).Bytes,
            .. _bomb,
        ];
    }

    /// <summary>A batch of one record, whose value is zeros.</summary>
    private static byte[] Bomb(int megabytes)
    {
        var zeros = new byte[1024 * 1024];
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            // Attributes, timestamp, offset, no key, length of the value, the value, no headers.
            var value = (long)megabytes * zeros.Length;
            byte[] before = [0, 0, 0, 1, .. Varint(value)];
            zip.Write([.. Varint(before.Length + value + 1), .. before]);
            for (var i = 0; i < megabytes; i++)
                zip.Write(zeros);
            zip.Write([0]);
        }
        // Behind the length: epoch, magic, checksum, gzip, last offset, times, producer, records.
        var batch = new Written().Int(0).Byte(2).Int(0).Short(1).Int(0).Long(1).Long(1).Long(-1).Short(-1).Int(-1).Int(1).Bytes;
        return [.. new Written().Long(0).Int(batch.Length + (int)packed.Length).Bytes, .. batch, .. packed.ToArray()];

        static byte[] Varint(long value)
        {
            var bytes = new List<byte>();
            var left = (ulong)(value << 1);
            for (; left > 127; left >>= 7)
                bytes.Add((byte)(left & 127 | 128));
            bytes.Add((byte)left);
            return [.. bytes];
        }
    }

    private sealed class Written
    {
        private readonly MemoryStream _stream = new();

        public byte[] Bytes => _stream.ToArray();

        public Written Byte(byte value) => Put([value]);

        public Written Short(short value)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteInt16BigEndian(bytes, value);
            return Put(bytes);
        }

        public Written Int(int value)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return Put(bytes);
        }

        public Written Long(long value)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            return Put(bytes);
        }

        public Written Text(string? text) =>
            text is null ? Short(-1) : Short((short)Encoding.UTF8.GetByteCount(text)).Put(Encoding.UTF8.GetBytes(text));

        public Written Api(short key, short lowest, short highest) => Short(key).Short(lowest).Short(highest);

        private Written Put(ReadOnlySpan<byte> bytes)
        {
            _stream.Write(bytes);
            return this;
        }
    }
}
