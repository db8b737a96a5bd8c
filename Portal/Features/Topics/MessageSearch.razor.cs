using System.Globalization;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class MessageSearch
{
    private Begin _begin;
    private string _time = "";
    private string _id = "";
    private string _key = "";
    private string _property = "";
    private string _text = "";
    private string _path = "";
    private string? _error;

    private enum Begin
    {
        Earliest,
        Time,
        Id,
        Live,
    }

    [Parameter]
    public bool Busy { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback<Begun> OnSearch { get; set; }

    private async Task SearchAsync()
    {
        if (Busy)
            return;
        DateTimeOffset? since = null;
        _error = null;
        if (_begin == Begin.Time)
        {
            // As browsers write it, with seconds only where there are any.
            if (DateTime.TryParse(_time, CultureInfo.InvariantCulture, out var local) && local.Year is >= 2000 and < 9000)
                since = Zone.At(local);
            else
                _error = "Choose the date and time to start from.";
        }
        var id = _begin == Begin.Id ? _id.Trim() : null;
        if (id is "")
            _error = "Enter a message ID as shown in the list.";
        if (_error is not null)
            return;
        var (key, property, text, path) = (Given(_key), Given(_property), Given(_text), Given(_path.Trim()));
        if (MessageFilter.Create(key, property, text, path).TryGet(out var filter, out var problem))
            await OnSearch.InvokeAsync(new Begun(new ReadQuery(id, since, filter), key, property, text, path, _begin == Begin.Live));
        else
            _error = problem.Message;
    }

    private static string? Given(string typed) => typed.Length == 0 ? null : typed;

    /// <summary>A search that somebody began, and its words.</summary>
    /// <param name="IsLive">Of what comes from now on, instead of what is stored.</param>
    public sealed record Begun(ReadQuery Wanted, string? Key, string? Property, string? Text, string? Path, bool IsLive = false)
    {
        /// <summary>As the endpoints take it: empty, or with its question mark.</summary>
        public string Query()
        {
            var parts = new[]
            {
                ("from", Wanted.From),
                ("since", Wanted.Since?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
                ("key", Key),
                ("property", Property),
                ("text", Text),
                ("path", Path),
            }
                .Where(part => part.Item2 is not null)
                .Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2!)}")
                .ToList();
            return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
        }
    }
}
