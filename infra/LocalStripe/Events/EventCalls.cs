using LocalStripe.Storage;
using LocalStripe.Transport;

namespace LocalStripe.Events;

/// <summary>Events of the last 30 days.</summary>
internal static class EventCalls
{
    private const long KeptSeconds = 30 * 24 * 60 * 60;

    public static Answer Read(ApiCall call) => call.Work.Get("event", call.Id);

    public static Answer List(ApiCall call)
    {
        var query = new Query("event").Compare("created", ">", call.Now - KeptSeconds).Where("type", call.Form.Text("type"));
        if (call.Form.Texts("types") is { Count: > 0 } types)
            query.WhereIn("type", types);
        return Lists.Page(call, query);
    }
}
