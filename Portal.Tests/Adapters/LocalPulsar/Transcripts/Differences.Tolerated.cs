namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Differences
{
    /// <summary>Where LocalPulsar is known to answer otherwise, and why nobody is misled.</summary>
    public static IReadOnlyList<Tolerance> Tolerated { get; } =
    [
        new(
            "the settings",
            @"answer\.brokerDeleteInactiveTopicsEnabled",
            Missing: false,
            "A setting, and the one that Portal asks of operators: LocalPulsar keeps idle topics."
        ),
        new(
            "a reader at an unreadable message",
            "answer",
            Missing: false,
            "Same status; the words are those of Pulsar's parser about the bytes given."
        ),
        new(
            "(a clashing schema|whether a clashing schema is compatible)",
            @"answer(\.reason)?",
            Missing: false,
            "Same status and sentence; Avro prints the two definitions in its own way."
        ),
        new(
            "the built-in (sources|sinks)",
            "answer",
            Missing: false,
            "LocalPulsar runs one of each; brokers have what their operator put there."
        ),
        new(
            "whether no descriptor is compatible",
            @"answer\.reason",
            Missing: false,
            "Same status and sentence; a broker adds its parser's stack trace."
        ),
    ];
}
