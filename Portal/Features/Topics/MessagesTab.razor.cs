using System.Text;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class MessagesTab
{
    private const int PageSize = 50;

    private Loading<PageOf<Message>>? _messages;
    private string? _from;
    private string? _next;
    private bool _reading;
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

    private async Task ReadAsync(string? from)
    {
        (_reading, _from) = (true, from);
        _messages = await ReadMessages.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, from, PageSize, Leaving);
        (_reading, _next) = (false, _messages.ValueOrDefault?.Next);
    }

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
