using System.Buffers.Binary;
using System.Text;

namespace Portal.Adapters.KafkaSource;

/// <summary>
/// The two requests that a listener answers before a client has signed in, by which it shows what it is. They are sent by
/// hand since the client library says "disconnected" to all of it.
/// </summary>
internal static class KafkaWire
{
    private const short ApiVersions = 18,
        SaslHandshake = 17;
    private const int Correlation = 7;
    private const int LongestAnswer = 64 * 1024;

    /// <summary>What a listener said.</summary>
    internal abstract record Answer
    {
        private Answer() { }

        /// <param name="Mechanisms">Those that it offers; empty where nobody has to sign in.</param>
        internal sealed record Kafka(IReadOnlyList<string> Mechanisms, bool AsksForSignIn) : Answer;

        /// <summary>It speaks TLS to who does not.</summary>
        internal sealed record Tls : Answer;

        /// <summary>It answers in something else.</summary>
        internal sealed record Other : Answer;

        /// <summary>It closed the connection without a word.</summary>
        internal sealed record Closed : Answer;
    }

    /// <param name="mechanism">That is asked for; any where it is only to be seen whether there is a sign-in.</param>
    /// <exception cref="OperationCanceledException">No answer in time.</exception>
    internal static async Task<Answer> AskAsync(Stream stream, string mechanism, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(Request(ApiVersions, 0, []), cancellationToken);
            if (await ReadAsync(stream, cancellationToken) is { } refused)
                return refused;
            var name = Encoding.ASCII.GetBytes(mechanism);
            var body = new byte[2 + name.Length];
            BinaryPrimitives.WriteInt16BigEndian(body, (short)name.Length);
            name.CopyTo(body, 2);
            await stream.WriteAsync(Request(SaslHandshake, 1, body), cancellationToken);
            var head = new byte[4];
            await stream.ReadExactlyAsync(head, cancellationToken);
            var answer = new byte[Length(head)];
            await stream.ReadExactlyAsync(answer, cancellationToken);
            return Handshake(answer);
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return exception is InvalidDataException ? new Answer.Other() : new Answer.Closed();
        }
    }

    private static async Task<Answer?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new byte[8];
        // A TLS alert is seven bytes long.
        var read = await stream.ReadAtLeastAsync(head, 5, throwOnEndOfStream: false, cancellationToken);
        if (read >= 3 && head[0] == 0x15 && head[1] == 0x03)
            return new Answer.Tls();
        if (read < 5)
            return read == 0 ? new Answer.Closed() : new Answer.Other();
        if (read < 8)
            await stream.ReadExactlyAsync(head.AsMemory(read), cancellationToken);
        var length = Length(head);
        if (BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)) != Correlation)
            return new Answer.Other();
        await stream.ReadExactlyAsync(new byte[length - 4], cancellationToken);
        return null;
    }

    /// <summary>Correlation id, error, mechanisms. Error 34 is an "illegal state": nobody signs in here.</summary>
    private static Answer.Kafka Handshake(byte[] answer)
    {
        var span = answer.AsSpan();
        if (span.Length < 10 || BinaryPrimitives.ReadInt32BigEndian(span) != Correlation)
            throw new InvalidDataException();
        var error = BinaryPrimitives.ReadInt16BigEndian(span[4..]);
        var count = BinaryPrimitives.ReadInt32BigEndian(span[6..]);
        span = span[10..];
        var mechanisms = new List<string>();
        for (var i = 0; i < count; i++)
        {
            if (span.Length < 2 || BinaryPrimitives.ReadInt16BigEndian(span) is var length && (length < 0 || span.Length < 2 + length))
                throw new InvalidDataException();
            mechanisms.Add(Encoding.UTF8.GetString(span.Slice(2, length)));
            span = span[(2 + length)..];
        }
        return new(mechanisms, error != 34);
    }

    private static int Length(byte[] head) =>
        BinaryPrimitives.ReadInt32BigEndian(head) is > 4 and <= LongestAnswer and var length ? length : throw new InvalidDataException();

    private static byte[] Request(short api, short version, byte[] body)
    {
        var client = "portal-migration"u8;
        var request = new byte[4 + 8 + 2 + client.Length + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(request, request.Length - 4);
        BinaryPrimitives.WriteInt16BigEndian(request.AsSpan(4), api);
        BinaryPrimitives.WriteInt16BigEndian(request.AsSpan(6), version);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(8), Correlation);
        BinaryPrimitives.WriteInt16BigEndian(request.AsSpan(12), (short)client.Length);
        client.CopyTo(request.AsSpan(14));
        body.CopyTo(request, 14 + client.Length);
        return request;
    }
}
