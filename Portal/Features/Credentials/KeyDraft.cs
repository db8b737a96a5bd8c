using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Portal.Domain.Common;
using Portal.Domain.Credentials;
using Portal.Domain.Topics;

namespace Portal.Features.Credentials;

/// <summary>A key as somebody describes it, step by step.</summary>
public sealed class KeyDraft
{
    public const string NameStep = "name",
        AccessStep = "access",
        ExpiryStep = "expiry",
        ReviewStep = "review";

    /// <summary>What the id of a topic's box begins with.</summary>
    public const string TopicField = "key-topic-";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static IReadOnlyList<(int Days, string Title, string Words)> Expiries { get; } =
    [
        (0, "Never", "Until you delete or rotate it."),
        (1, "In a day", "For trying something out."),
        (30, "In 30 days", "Rotate it every month."),
        (90, "In 90 days", "Rotate it every quarter."),
        (365, "In a year", "Rotate it every year."),
    ];

    public string Name { get; set; } = "";

    public string? Namespace { get; set; }

    public bool Produce { get; set; } = true;

    public bool Consume { get; set; } = true;

    /// <summary>Only the chosen topics.</summary>
    public bool Named { get; set; }

    public SortedSet<string> Chosen { get; } = new(StringComparer.Ordinal);

    public bool Patterns { get; set; }

    /// <summary>0 for never. What nobody chose ends by itself; people hear of it beforehand, and a key is rotated in a click.</summary>
    public int Days { get; set; } = 90;

    public string ExpiryWords => Days == 0 ? "never expires" : $"expires {char.ToLowerInvariant(Expiry.Title[0])}{Expiry.Title[1..]}";

    private (int Days, string Title, string Words) Expiry => Expiries.First(one => one.Days == Days);

    /// <summary>Those that it is cut to; empty for all.</summary>
    public IReadOnlyCollection<string> Topics => Named ? Chosen : [];

    /// <summary>Topics for retries and dead letters, with the chosen topic that each comes with.</summary>
    /// <param name="there">Those of the namespace.</param>
    public IReadOnlyDictionary<string, string> Included(IEnumerable<Topic> there) =>
        !Named || !Consume
            ? new Dictionary<string, string>()
            : there
                .Where(topic => topic.Beside is { } consumed && Chosen.Contains(consumed))
                .ToDictionary(topic => topic.Name, topic => topic.Beside!);

    public void Toggle(string topic)
    {
        if (!Chosen.Remove(topic))
            Chosen.Add(topic);
    }

    /// <summary>What the browser kept, by the ids of the fields.</summary>
    /// <param name="namespaces">Those that there are.</param>
    public void Take(IReadOnlyDictionary<string, string> kept, IReadOnlyCollection<string> namespaces)
    {
        Name = kept.GetValueOrDefault("key-name", Name);
        Namespace = kept.TryGetValue("key-namespace", out var inside) && namespaces.Contains(inside) ? inside : Namespace;
        Produce = kept.GetValueOrDefault("key-produce", Produce ? "true" : "") == "true";
        Consume = kept.GetValueOrDefault("key-consume", Consume ? "true" : "") == "true";
        Named = kept.GetValueOrDefault("key-topics", Named ? "named" : "") == "named";
        Patterns = kept.GetValueOrDefault("key-patterns", Patterns ? "true" : "") == "true";
        foreach (var (field, chosen) in kept.Where(pair => pair.Key.StartsWith(TopicField, StringComparison.Ordinal)))
        {
            if (chosen == "true")
                Chosen.Add(field[TopicField.Length..]);
            else
                Chosen.Remove(field[TopicField.Length..]);
        }
        if (
            int.TryParse(kept.GetValueOrDefault("key-expiry"), NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            && Expiries.Any(one => one.Days == days)
        )
            Days = days;
    }

    public KeyRequest Request(string tenant, DateTimeOffset now) =>
        new(
            Name,
            tenant,
            Namespace,
            Named ? [.. Chosen] : null,
            Patterns && Consume,
            (Produce ? KeyPermissions.Produce : KeyPermissions.None) | (Consume ? KeyPermissions.Consume : KeyPermissions.None),
            Days == 0 ? null : now.AddDays(Days)
        );

    /// <summary>What a script sends for the same key.</summary>
    public string Body(string tenant, DateTimeOffset now)
    {
        var wanted = Request(tenant, now);
        string[] permissions = [.. new[] { Produce ? "produce" : null, Consume ? "consume" : null }.OfType<string>()];
        return JsonSerializer.Serialize(
            new KeysEndpoints.CreateKeyBody(
                wanted.Name?.Trim(),
                tenant,
                wanted.Namespace,
                wanted.Topics,
                wanted.Patterns ? true : null,
                permissions,
                wanted.ExpiresAt is { } at ? at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMinute)) : null
            ),
            Json
        );
    }

    /// <summary>All of it in words, with the step that each is from.</summary>
    /// <param name="there">Topics of the namespace.</param>
    public IEnumerable<(string Title, string Value, string Step)> Lines(IEnumerable<Topic> there)
    {
        yield return ("Name", Name.Trim() is { Length: > 0 } name ? name : "Not named yet", NameStep);
        yield return ("Namespace", Namespace ?? "", NameStep);
        yield return (
            "Permissions",
            (Produce, Consume) switch
            {
                (true, true) => "Produce and consume",
                (true, false) => "Produce",
                (false, true) => "Consume",
                _ => "None yet",
            },
            AccessStep
        );
        yield return (
            "Topics",
            !Named ? "All, also those created later"
            : Chosen.Count == 0 ? "None yet"
            : string.Join(", ", Chosen.Union(Included(there).Keys)),
            AccessStep
        );
        yield return ("Pattern subscriptions", Patterns && Consume ? "Allowed, in the whole namespace" : "Not allowed", AccessStep);
        yield return ("Expires", Expiry.Title, ExpiryStep);
    }
}
