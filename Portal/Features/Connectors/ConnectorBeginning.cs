using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Ui;

namespace Portal.Features.Connectors;

/// <summary>Where what reads topics starts, and where a sink's failures end, while somebody types it.</summary>
public sealed class ConnectorBeginning
{
    public const string Latest = "latest",
        Earliest = "earliest",
        Time = "time";

    /// <summary>One of the three.</summary>
    public string Position { get; set; } = Latest;

    /// <summary>As the field of a browser has it.</summary>
    public string At { get; set; } = "";

    /// <summary>Messages that keep failing are put aside.</summary>
    public bool PutsAside { get; set; }

    public string Retries { get; set; } = "5";

    /// <summary>As <c>namespace/topic</c>.</summary>
    public string DeadLetters { get; set; } = "";

    /// <summary>As a manifest says it.</summary>
    public static ConnectorBeginning Of(ConnectorManifest manifest, ViewerZone zone) =>
        new()
        {
            Position =
                manifest.StartAt is not null ? Time
                : manifest.FromEarliest == true ? Earliest
                : Latest,
            At = manifest.StartAt is { } start ? zone.In(start).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) : "",
            PutsAside = manifest.DeadLetterTopic is not null,
            DeadLetters = manifest.DeadLetterTopic ?? "",
            Retries = (manifest.MaxRetries ?? 5).ToString(CultureInfo.InvariantCulture),
        };

    /// <summary>The instant of a start by time; null for another start.</summary>
    public Outcome<DateTimeOffset?> StartAt(ViewerZone zone) =>
        Position != Time ? Outcome.Of<DateTimeOffset?>(null)
        : DateTime.TryParse(At, CultureInfo.InvariantCulture, out var local) && local.Year is >= 2000 and < 9000 ? zone.At(local)
        : new Problem.Invalid("position-unknown", "Enter the date and time to start at.", "startAt");

    public int? MaxRetries =>
        !PutsAside ? null
        : int.TryParse(Retries.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var many) ? many
        : 0;

    public string? DeadLetterTopic => PutsAside ? DeadLetters.Trim() : null;
}
