using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Portal.Domain.Common;

namespace Portal.Features.Api;

/// <summary>
/// Refuses half a surrogate pair in a part of a body that is taken as any JSON. Such a part is read later, and only then
/// would the serializer throw, at whoever reads it.
/// </summary>
internal static class BrokenTexts
{
    public static void Refuse(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        var open = type
            .Properties.Where(property =>
                property.Get is not null
                && (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(JsonElement)
            )
            .ToList();
        if (open.Count == 0)
            return;
        type.OnDeserialized += read =>
        {
            foreach (var property in open)
            {
                if (property.Get!(read) is not JsonElement { ValueKind: not JsonValueKind.Undefined } element)
                    continue;
                try
                {
                    ForeignJson.ParseNode(element.GetRawText());
                }
                catch (JsonException broken)
                {
                    throw new JsonException(
                        $"{property.Name}: {broken.Message}",
                        $"$.{property.Name}",
                        broken.LineNumber,
                        broken.BytePositionInLine
                    );
                }
            }
        };
    }
}
