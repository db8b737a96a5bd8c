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
        var found = await ReadMessages.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, query with { Decode = true }, PageSize, Leaving);
        _messages = found.Map(page => page with { Items = [.. page.Items.Select(DecodedText.Shortened)] });
        (_reading, _next, _stopped) = (false, _messages.ValueOrDefault?.Next, _messages.ValueOrDefault?.End is ReadEnd.Time or ReadEnd.Connection);
    }

    private static string Scanned(MessagesRead page) =>
        page.Scanned > page.Items.Count ? $"Looked through {Counted.Of(page.Scanned, "message")}, {ByteSize.Text(page.ScannedBytes)}. " : "";

    private async Task OpenAsync(Message message) =>
        await Dialogs.ShowAsync<MessageDialog>("Message", new DialogParameters<MessageDialog> { { opened => opened.Message, message } }, new DialogOptions { MaxWidth = MaxWidth.Medium, FullWidth = true });

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
