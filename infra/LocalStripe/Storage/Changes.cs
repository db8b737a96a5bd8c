using System.Text.Json.Nodes;

namespace LocalStripe.Storage;

/// <summary>What an event's <c>previous_attributes</c> say: the old values of the fields that differ.</summary>
internal static class Changes
{
    public static JsonObject Between(JsonObject before, JsonObject after)
    {
        var changed = new JsonObject();
        foreach (var (field, value) in before)
        {
            if (!JsonNode.DeepEquals(value, after[field]))
                changed[field] = value?.DeepClone();
        }

        return changed;
    }
}
