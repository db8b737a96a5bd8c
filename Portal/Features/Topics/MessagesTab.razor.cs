using System.Globalization;
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

    // Of a payload as long as the page is open: far less than a page of the largest messages.
    private const int KeptOfPayload = PayloadText.LargestShown;

    // Of a key, or of a property's name or value, in characters: clients may put as much there as into a payload.
    private const int KeptOfText = 1000;
    private const int KeptProperties = 50;

    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private Loading<MessagesRead>? _messages;
    private MessageSearch.Begun? _began;
    private ReadQuery? _query;
    private string? _next;
    private bool _reading;

    /// <summary>Before the end, for want of time or connection.</summary>
    private bool _stopped;

    private string _payload = "";
    private string _key = "";
    private bool _sending;
    private SentMessage? _sent;
    private string? _payloadError;
    private Problem? _refused;

    [Parameter, EditorRequired] public required string Org { get; set; }

    [Parameter, EditorRequired] public required Topic Topic { get; set; }

    [Inject] public required ReadMessages ReadMessages { get; init; }

    [Inject] public required SendMessage SendMessage { get; init; }

    [Inject] public required IDialogService Dialogs { get; init; }

    private string Download => $"{Links.Topic(Org, Topic.TenantName, Topic.NamespaceName, Topic.Name)}/messages.jsonl{_began!.Query()}";

    private string EmptyWords => _query switch
    {
        { Filter: not null } => "No message matches, up to the end of the topic.",
        { From: null, Since: null } => "The topic holds no messages.",
        _ => "No more messages: this is the end of the topic.",
    };

    private Task BeginAsync(MessageSearch.Begun begun)
    {
        _began = begun;
        return ReadAsync(begun.Wanted);
    }

    private async Task ReadAsync(ReadQuery query)
    {
        (_reading, _query) = (true, query);
        var found = await ReadMessages.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, query, PageSize, Leaving);
        _messages = found.Map(page => page with { Items = [.. page.Items.Select(Shortened)] });
        (_reading, _next, _stopped) = (false, _messages.ValueOrDefault?.Next, _messages.ValueOrDefault?.End is ReadEnd.Time or ReadEnd.Connection);
    }

    private static string Scanned(MessagesRead page) =>
        page.Scanned > page.Items.Count ? $"Looked through {Counted.Of(page.Scanned, "message")}, {ByteSize.Text(page.ScannedBytes)}. " : "";

    private async Task OpenAsync(Message message) =>
        await Dialogs.ShowAsync<MessageDialog>("Message", new DialogParameters<MessageDialog> { { opened => opened.Message, message } }, new DialogOptions { MaxWidth = MaxWidth.Medium, FullWidth = true });

    private static Message Shortened(Message message)
    {
        if (message.Properties.Count > KeptProperties || message.Properties.Append(new("", message.Key ?? "")).Any(text => text.Key.Length > KeptOfText || text.Value.Length > KeptOfText))
        {
            // Two long names may begin alike.
            var kept = new Dictionary<string, string>();
            foreach (var (name, value) in message.Properties.Take(KeptProperties)) kept[Start(name)] = Start(value);
            message = message with { Key = message.Key is { } key ? Start(key) : null, Properties = kept };
        }
        if (message.Payload.Length <= KeptOfPayload) return message;
        var end = KeptOfPayload;
        // Not inside a character of UTF-8, or text would no longer be text.
        while (end > KeptOfPayload - 4 && (message.Payload.Span[end] & 0xC0) == 0x80) end--;
        return message with { Payload = message.Payload[..end].ToArray() };
    }

    private static string Start(string text) =>
        text.Length <= KeptOfText ? text : text[..(char.IsHighSurrogate(text[KeptOfText - 1]) ? KeptOfText - 1 : KeptOfText)] + "…";

    private async Task SendAsync()
    {
        if (_sending) return;
        _payloadError = _payload.Length == 0 ? "Enter the message to send." : null;
        if (_payloadError is not null) return;
        (_sending, _sent) = (true, null);
        var payload = Encoding.UTF8.GetBytes(_payload);
        var message = new NewMessage(payload, _key.Length == 0 ? null : _key, new Dictionary<string, string>());
        var sent = await SendMessage.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, message, Leaving);
        (_sending, _refused, _sent) = (false, sent.Problem, sent.IsOk ? new(sent.Value, payload.Length) : null);
    }

    /// <summary>What was said is about the text that stood there then.</summary>
    private void Typed() => (_sent, _refused, _payloadError) = (null, null, null);

    /// <param name="Bytes">Of the payload, as the broker took it.</param>
    private sealed record SentMessage(string MessageId, int Bytes);
}
