namespace Portal.Adapters.PulsarWire;

/// <summary>Commands of Pulsar's binary protocol that Portal speaks; the number is also the field that holds the command.</summary>
internal enum WireKind
{
    Connect = 2,
    Connected = 3,
    Subscribe = 4,
    Producer = 5,
    Send = 6,
    SendReceipt = 7,
    SendError = 8,
    Message = 9,
    Acknowledge = 10,
    Flow = 11,
    Success = 13,
    Error = 14,
    CloseProducer = 15,
    CloseConsumer = 16,
    ProducerSuccess = 17,
    Ping = 18,
    Pong = 19,
    Lookup = 23,
    LookupResponse = 24,
    EndOfTopic = 27,
    LastMessageId = 29,
    LastMessageIdResponse = 30,
    AuthChallenge = 36,
    AuthResponse = 37,
}

/// <summary>Frames of commands without a payload: total size, command size, command.</summary>
internal static class WireCommands
{
    /// <summary>What brokers of 4.0 and 4.2 speak; nothing newer than 15 is used.</summary>
    private const ulong ProtocolVersion = 19;

    private const string Client = "Portal";

    public static ReadOnlyMemory<byte> Connect(string? token, string? proxyTo)
    {
        var command = new ProtoWriter().Text(1, Client);
        if (token is not null)
            command.Bytes(3, System.Text.Encoding.ASCII.GetBytes(token));
        command.Number(4, ProtocolVersion);
        if (token is not null)
            command.Text(5, "token");
        return Frame(WireKind.Connect, command.Text(6, proxyTo).Message(10, new ProtoWriter().Flag(1, true)));
    }

    public static ReadOnlyMemory<byte> AuthResponse(string token) =>
        Frame(
            WireKind.AuthResponse,
            new ProtoWriter()
                .Text(1, Client)
                .Message(2, new ProtoWriter().Text(1, "token").Bytes(2, System.Text.Encoding.ASCII.GetBytes(token)))
                .Number(3, ProtocolVersion)
        );

    public static ReadOnlyMemory<byte> Lookup(string topic, ulong request, bool authoritative) =>
        Frame(WireKind.Lookup, new ProtoWriter().Text(1, topic).Number(2, request).Flag(3, authoritative));

    public static ReadOnlyMemory<byte> Producer(string topic, ulong request, string name) =>
        Frame(WireKind.Producer, new ProtoWriter().Text(1, topic).Number(2, 0).Number(3, request).Text(4, name).Number(9, 1));

    /// <summary>A reader: a subscription that nothing keeps.</summary>
    /// <param name="after">The entry before the first one; null for the earliest.</param>
    public static ReadOnlyMemory<byte> Subscribe(string topic, ulong request, string name, (long Ledger, long Entry)? after) =>
        Frame(
            WireKind.Subscribe,
            new ProtoWriter()
                .Text(1, topic)
                .Text(2, name)
                .Number(3, 0)
                .Number(4, 0)
                .Number(5, request)
                .Text(6, name)
                .Number(8, 0)
                .Message(9, Position(after ?? (-1, -1)))
                .Number(13, 1)
                .Number(15, 0)
        );

    public static ReadOnlyMemory<byte> Flow(int permits) => Frame(WireKind.Flow, new ProtoWriter().Number(1, 0).Number(2, (ulong)permits));

    /// <summary>Everything up to an entry, with it.</summary>
    public static ReadOnlyMemory<byte> Acknowledge((long Ledger, long Entry) upTo) =>
        Frame(WireKind.Acknowledge, new ProtoWriter().Number(1, 0).Number(2, 1).Message(3, Position(upTo)));

    public static ReadOnlyMemory<byte> LastMessageId(ulong request) =>
        Frame(WireKind.LastMessageId, new ProtoWriter().Number(1, 0).Number(2, request));

    public static ReadOnlyMemory<byte> Close(WireKind what, ulong request) =>
        Frame(what, new ProtoWriter().Number(1, 0).Number(2, request));

    public static ReadOnlyMemory<byte> Ping { get; } = Frame(WireKind.Ping, new ProtoWriter());

    public static ReadOnlyMemory<byte> Pong { get; } = Frame(WireKind.Pong, new ProtoWriter());

    private static ProtoWriter Position((long Ledger, long Entry) id) =>
        new ProtoWriter().Number(1, unchecked((ulong)id.Ledger)).Number(2, unchecked((ulong)id.Entry));

    private static ReadOnlyMemory<byte> Frame(WireKind kind, ProtoWriter inner)
    {
        var command = new ProtoWriter().Number(1, (ulong)kind).Message((int)kind, inner);
        var frame = new ProtoWriter();
        frame.Fill(frame.Leave(), (uint)command.Length + 4);
        frame.Fill(frame.Leave(), (uint)command.Length);
        return frame.Raw(command.Written.Span).Written;
    }
}

/// <summary>A command from a broker: only what its kind has is set.</summary>
internal sealed record WireAnswer(WireKind Kind)
{
    public ulong? Request { get; private set; }
    public string? Text { get; private set; }
    public int Error { get; private set; }
    public int MaxMessageSize { get; private set; }

    /// <summary>
    /// Of a receipt or an error: the message's or the batch's first; of a producer: the last one that the broker knows, -1 for none.
    /// </summary>
    public long Sequence { get; private set; } = -1;

    /// <summary>False while the topic holds the producer back.</summary>
    public bool Ready { get; private set; } = true;

    public long Ledger { get; private set; } = -1;
    public long Entry { get; private set; } = -1;
    public string? Broker { get; private set; }
    public string? BrokerTls { get; private set; }

    /// <summary>Of a lookup: 0 asks elsewhere, 1 connects, 2 failed.</summary>
    public int Lookup { get; private set; }

    public bool Authoritative { get; private set; }
    public bool ThroughProxy { get; private set; }

    /// <exception cref="WireFormatException">It cannot be read.</exception>
    public static WireAnswer Read(ReadOnlySpan<byte> command)
    {
        var kind = 0;
        ReadOnlySpan<byte> body = default;
        var reader = new ProtoReader(command);
        while (reader.Next())
        {
            if (reader.Field == 1)
                kind = reader.Small;
            else if (reader.Field == kind)
                body = reader.Bytes;
        }
        var answer = new WireAnswer((WireKind)kind);
        answer.Fill(new(body));
        return answer;
    }

    private void Fill(ProtoReader body)
    {
        while (body.Next())
        {
            switch (Kind, body.Field)
            {
                case (WireKind.Connected, 3):
                    MaxMessageSize = body.Small;
                    break;
                case (WireKind.SendReceipt or WireKind.SendError, 2):
                    Sequence = body.Signed;
                    break;
                case (WireKind.SendReceipt, 3) or (WireKind.Message, 2) or (WireKind.LastMessageIdResponse, 1):
                    Position(new(body.Bytes));
                    break;
                case (WireKind.SendError, 3) or (WireKind.Error, 2):
                    Error = body.Small;
                    break;
                case (WireKind.SendError, 4) or (WireKind.Error, 3):
                    Text = body.Text;
                    break;
                case (WireKind.Success or WireKind.Error or WireKind.ProducerSuccess, 1):
                    Request = body.Number;
                    break;
                case (WireKind.LastMessageIdResponse, 2):
                    Request = body.Number;
                    break;
                case (WireKind.ProducerSuccess, 2):
                    Text = body.Text;
                    break;
                case (WireKind.ProducerSuccess, 3):
                    Sequence = body.Signed;
                    break;
                case (WireKind.ProducerSuccess, 6):
                    Ready = body.Flag;
                    break;
                case (WireKind.LookupResponse, 1):
                    Broker = body.Text;
                    break;
                case (WireKind.LookupResponse, 2):
                    BrokerTls = body.Text;
                    break;
                case (WireKind.LookupResponse, 3):
                    Lookup = body.Small;
                    break;
                case (WireKind.LookupResponse, 4):
                    Request = body.Number;
                    break;
                case (WireKind.LookupResponse, 5):
                    Authoritative = body.Flag;
                    break;
                case (WireKind.LookupResponse, 6):
                    Error = body.Small;
                    break;
                case (WireKind.LookupResponse, 7):
                    Text = body.Text;
                    break;
                case (WireKind.LookupResponse, 8):
                    ThroughProxy = body.Flag;
                    break;
                default:
                    break;
            }
        }
    }

    private void Position(ProtoReader id)
    {
        while (id.Next())
        {
            if (id.Field == 1)
                Ledger = id.Signed;
            else if (id.Field == 2)
                Entry = id.Signed;
        }
    }
}
