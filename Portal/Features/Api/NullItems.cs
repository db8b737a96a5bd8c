using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Portal.Features.Api;

/// <summary>
/// Refuses <c>null</c> inside lists and maps of request bodies. The serializer lets it into a list of texts whatever the
/// type says. A list or map of <c>T?</c> that says so by its type, such as limits where null means none, takes it.
/// </summary>
internal static class NullItems
{
    /// <summary>For the serializer's contracts: every object looks through its own lists and maps as soon as it is read.</summary>
    public static void Refuse(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object)
            return;
        var collections = type.Properties.Where(property => property.Get is not null && Holds(property.PropertyType)).ToList();
        if (collections.Count == 0)
            return;
        type.OnDeserialized += read =>
        {
            foreach (var property in collections)
            {
                if (property.Get!(read) is IEnumerable items && HasNull(items))
                    throw new JsonException(
                        $"{property.Name} holds null.",
                        $"$.{property.Name}",
                        lineNumber: null,
                        bytePositionInLine: null
                    );
            }
        };
    }

    private static bool Holds(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && !IsOfNullables(type);

    private static bool IsOfNullables(Type type) =>
        type.GetInterfaces()
            .Append(type)
            .Any(one =>
                one.IsGenericType
                && one.GetGenericTypeDefinition() is var kind
                && (
                    kind == typeof(IReadOnlyDictionary<,>)
                    || kind == typeof(IDictionary<,>)
                    || kind == typeof(IReadOnlyCollection<>)
                    || kind == typeof(ICollection<>)
                )
                && Nullable.GetUnderlyingType(one.GetGenericArguments()[^1]) is not null
            );

    private static bool HasNull(IEnumerable items)
    {
        if (items is IDictionary map)
            items = map.Values;
        foreach (var item in items)
        {
            if (item is null || item is not string && item is IEnumerable inner && HasNull(inner))
                return true;
        }
        return false;
    }
}
