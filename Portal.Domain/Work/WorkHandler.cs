using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Common;

namespace Portal.Domain.Work;

/// <summary>A step behind its kind: reads the payload and hands it to the step of its type.</summary>
public abstract class WorkHandler
{
    private protected WorkHandler(string kind) => Kind = kind;

    public string Kind { get; }

    public abstract Task<StepResult> RunAsync(string payload, WorkTurn turn, CancellationToken cancellationToken);

    public abstract Task PostponedAsync(IPortalSession session, string payload, Problem problem, CancellationToken cancellationToken);

    public abstract Task RefusedAsync(IPortalSession session, string payload, Problem problem, CancellationToken cancellationToken);

    /// <summary>The payload types that a class is a step for.</summary>
    public static IEnumerable<Type> PayloadsOf(Type step) =>
        from implemented in step.GetInterfaces()
        where implemented.IsGenericType && implemented.GetGenericTypeDefinition() == typeof(IWorkStep<>)
        select implemented.GetGenericArguments()[0];

    /// <summary>Every kind that the object is a step for.</summary>
    public static IEnumerable<WorkHandler> Of(object step) =>
        PayloadsOf(step.GetType())
            .Select(payload => (WorkHandler)Activator.CreateInstance(typeof(OfPayload<>).MakeGenericType(payload), step)!);

    private sealed class OfPayload<TPayload>(IWorkStep<TPayload> step) : WorkHandler(TPayload.Kind)
        where TPayload : IWorkPayload
    {
        public override Task<StepResult> RunAsync(string payload, WorkTurn turn, CancellationToken cancellationToken) =>
            step.RunAsync(WorkJson.Read<TPayload>(payload), turn, cancellationToken);

        public override Task PostponedAsync(IPortalSession session, string payload, Problem problem, CancellationToken cancellationToken) =>
            step.PostponedAsync(session, WorkJson.Read<TPayload>(payload), problem, cancellationToken);

        public override Task RefusedAsync(IPortalSession session, string payload, Problem problem, CancellationToken cancellationToken) =>
            step.RefusedAsync(session, WorkJson.Read<TPayload>(payload), problem, cancellationToken);
    }
}

/// <summary>Is told what became of work that somebody waits for.</summary>
public interface IWorkEnds
{
    /// <summary>In the transaction that notes it: the work is done, cannot be done, or keeps failing and is tried on.</summary>
    Task EndedAsync(IPortalSession session, WorkItem work, CancellationToken cancellationToken);
}

/// <summary>All kinds of work there are.</summary>
public sealed class WorkHandlers
{
    private readonly Dictionary<string, WorkHandler> _byKind;

    /// <param name="ends">Null where nobody is told.</param>
    /// <exception cref="ArgumentException">Two steps claim one kind.</exception>
    public WorkHandlers(IEnumerable<WorkHandler> handlers, IWorkEnds? ends = null) =>
        (_byKind, Ends) = (handlers.ToDictionary(handler => handler.Kind, StringComparer.Ordinal), ends);

    public IWorkEnds? Ends { get; }

    public IReadOnlyCollection<string> Kinds => _byKind.Keys;

    /// <summary>Null for a kind that this version does not know: a newer replica wrote it.</summary>
    public WorkHandler? Find(string kind) => _byKind.GetValueOrDefault(kind);
}

/// <summary>How payloads are kept: camelCase, ids as their UUID.</summary>
internal static class WorkJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new IdConverter(), new JsonStringEnumConverter() },
    };

    public static string Write<T>(T payload) => JsonSerializer.Serialize(payload, Options);

    public static T Read<T>(string payload) =>
        JsonSerializer.Deserialize<T>(payload, Options) ?? throw new JsonException($"A payload of {typeof(T).Name} is empty.");

    /// <summary>For the portal's ids: structures of one UUID.</summary>
    private sealed class IdConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) =>
            typeToConvert.IsValueType
            && typeToConvert.Namespace == typeof(WorkId).Namespace
            && typeToConvert.GetProperty(nameof(WorkId.Value))?.PropertyType == typeof(Guid);

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
            (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

        private sealed class Of<TId> : JsonConverter<TId>
            where TId : struct
        {
            private static readonly Func<Guid, TId> Make = value => (TId)Activator.CreateInstance(typeof(TId), value)!;
            private static readonly Func<TId, Guid> Take = id => (Guid)typeof(TId).GetProperty(nameof(WorkId.Value))!.GetValue(id)!;

            public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                Make(reader.GetGuid());

            public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) =>
                writer.WriteStringValue(Take(value));
        }
    }
}
