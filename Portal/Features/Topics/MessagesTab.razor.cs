using System.Text;
using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class MessagesTab
{
    private const int PageSize = 50;

    private Loading<MessagesRead>? _messages;
    private MessageSearch.Begun? _began;

    /// <summary>What is being followed; null while stored messages are shown.</summary>
    private MessageSearch.Begun? _live;

    private int _lives;

    /// <summary>Of a dead letter topic: where its messages can go back to, and which are ticked for it.</summary>
    private SendBackCard? _back;
    private string? _backTo;
    private readonly HashSet<string> _chosen = [];

    private ReadQuery? _query;
    private string? _next;
    private bool _reading;

    /// <summary>Before the end, for want of time or connection.</summary>
    private bool _stopped;

    private string _payload = "";
    private string _key = "";
    private string _properties = "";
    private bool _sending;
    private SentMessage? _sent;
    private string? _payloadError;
    private string? _propertiesError;
    private Problem? _refused;

    /// <summary>The form holds an earlier message.</summary>
    private bool _refilled;

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    [Inject]
    public required ReadMessages ReadMessages { get; init; }

    [Inject]
    public required SendMessage SendMessage { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    private string Download => $"{Links.Topic(Org, Topic.TenantName, Topic.NamespaceName, Topic.Name)}/messages.jsonl{_began!.Query()}";

    private string EmptyWords =>
        _query switch
        {
            { Filter: not null } => "No message matches, up to the end of the topic.",
            { From: null, Since: null } => "The topic holds no messages.",
            _ => "No more messages: this is the end of the topic.",
        };

    private Task BeginAsync(MessageSearch.Begun begun)
    {
        (_began, _live) = (begun, begun.IsLive ? begun : null);
        if (_live is null)
            return ReadAsync(begun.Wanted);
        (_messages, _query, _next, _stopped) = (null, null, null, false);
        _lives++;
        return Task.CompletedTask;
    }

    private async Task ReadAsync(ReadQuery query)
    {
        (_reading, _query) = (true, query);
        _chosen.Clear();
        var found = await ReadMessages.RunAsync(
            Actor,
            Org,
            Topic.TenantName,
            Topic.NamespaceName,
            Topic.Name,
            query with
            {
                Decode = true,
            },
            PageSize,
            Leaving
        );
        _messages = found.Map(page => page with { Items = [.. page.Items.Select(DecodedText.Shortened)] });
        (_reading, _next, _stopped) = (
            false,
            _messages.ValueOrDefault?.Next,
            _messages.ValueOrDefault?.End is ReadEnd.Time or ReadEnd.Connection
        );
    }

    private static string Scanned(MessagesRead page) =>
        page.Scanned > page.Items.Count
            ? $"Looked through {Counted.Of(page.Scanned, "message")}, {ByteSize.Text(page.ScannedBytes)}. "
            : "";

    private async Task OpenAsync(Message message)
    {
        var parameters = new DialogParameters<MessageDialog>
        {
            { opened => opened.Message, message },
            { opened => opened.Org, Org },
            { opened => opened.Topic, Topic },
            { opened => opened.OnRepeat, EventCallback.Factory.Create<MessageDialog.Again>(this, Fill) },
            { opened => opened.BackTo, _backTo },
            {
                opened => opened.OnSendBack,
                EventCallback.Factory.Create<string>(this, id => _back?.SendAsync([id], Leaving) ?? Task.CompletedTask)
            },
        };
        await Dialogs.ShowAsync<MessageDialog>("Message", parameters, new DialogOptions { MaxWidth = MaxWidth.Medium, FullWidth = true });
    }

    /// <summary>The form as it was for a message; it is sent when the person sends it.</summary>
    private void Fill(MessageDialog.Again again)
    {
        (_payload, _key, _properties) = (again.Payload, again.Key, again.Properties);
        Typed();
        _refilled = true;
    }

    private async Task SendAsync()
    {
        if (_sending)
            return;
        _payloadError = _payload.Length == 0 ? "Enter the message to send." : null;
        var properties = PropertyLines.Read(_properties);
        _propertiesError = properties.Problem?.Message;
        if (_payloadError is not null || _propertiesError is not null)
            return;
        (_sending, _sent, _refilled) = (true, null, false);
        var payload = Encoding.UTF8.GetBytes(_payload);
        var message = new NewMessage(payload, _key.Length == 0 ? null : _key, properties.Value);
        var sent = await SendMessage.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, message, Leaving);
        (_sending, _refused, _sent) = (false, sent.Problem, sent.IsOk ? new(sent.Value, payload.Length) : null);
    }

    /// <summary>What was said is about the text that stood there then.</summary>
    private void Typed() => (_sent, _refused, _payloadError, _propertiesError, _refilled) = (null, null, null, null, false);

    /// <param name="Bytes">Of the payload, as the broker took it.</param>
    private sealed record SentMessage(string MessageId, int Bytes);
}
