using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Plans;
using Portal.Domain.Usage;

namespace Portal.Features.Connectors;

/// <summary>Connectors in words.</summary>
internal static class ConnectorText
{
    private const int HoursOfMonth = 730;

    internal static string Title(ConnectorKind kind) =>
        kind switch
        {
            ConnectorKind.Source => "Source",
            ConnectorKind.Sink => "Sink",
            ConnectorKind.Function => "Function",
        };

    /// <summary>Over what is listed of a kind.</summary>
    internal static string Heading(ConnectorKind kind) =>
        kind switch
        {
            ConnectorKind.Source => "Sources: data into a topic",
            ConnectorKind.Sink => "Sinks: data out of topics",
            ConnectorKind.Function => "Functions: from topics through code into a topic",
        };

    internal static string Title(PackageRuntime runtime) =>
        runtime switch
        {
            PackageRuntime.Java => "Java",
            PackageRuntime.Python => "Python",
            PackageRuntime.Go => "Go",
        };

    /// <summary>What a guarantee means for messages, when something fails.</summary>
    internal static string Hint(Guarantee guarantee, bool isFunction) =>
        guarantee switch
        {
            Guarantee.AtLeastOnce when isFunction =>
                "Nothing is lost. A message that the function can't process comes back to it after a minute, until it can.",
            Guarantee.AtLeastOnce => "Nothing is lost. After a failure, some messages may arrive twice.",
            Guarantee.AtMostOnce when isFunction => "No message is processed twice. One that the function can't process is lost.",
            Guarantee.AtMostOnce => "No message arrives twice. After a failure, some may be lost.",
            Guarantee.EffectivelyOnce when isFunction => "Nothing is lost or repeated. A message that the function can't process stops it.",
            Guarantee.EffectivelyOnce => "Nothing is lost or repeated, if the connector and the other system support it.",
        };

    /// <summary>What of a package can run, in a few words.</summary>
    internal static string Runs(FunctionPackage package) =>
        package.Classes switch
        {
            [] => $"{Title(package.Runtime)}{(package.Platform is { } platform ? $" for linux/{platform}" : "")}",
            [var only] => $"{Title(package.Runtime)}: {only}",
            var several => $"{Title(package.Runtime)}: {Ui.Counted.Of(several.Count, "class", "classes")}",
        };

    /// <summary>What the catalog calls a package: <c>function:package:default/shout</c>.</summary>
    internal static string KeyOf(FunctionPackage package) => KeyOf(package.NamespaceName, package.Name);

    internal static string KeyOf(string @namespace, string package) =>
        ConnectorType.KeyOf(ConnectorKind.Function, PackageUse.TypeOf($"{@namespace}/{package}"));

    /// <summary>As people call what runs: the guide's title, or the name of a package with its version.</summary>
    internal static string TitleOf(Connector connector, ConnectorGuides guides) =>
        connector.Package is { } package
            ? $"{PackageUse.NameIn(connector.Type)}@{package.Version}"
            : guides.Find(connector.Kind, connector.Type)?.Title ?? connector.Type;

    /// <summary>What instances cost while they run; null where nobody charges for them.</summary>
    internal static string? Cost(EffectivePlan plan, PriceBook? book, int instances)
    {
        if (!plan.IsCharged)
            return $"The {plan.Name} plan costs nothing.";
        return book?.Meters.GetValueOrDefault(Meter.Connectors) is { } price
            ? $"About {MoneyFormat.Text(Money.Round(Rating.Month(price, instances * HoursOfMonth), book.Currency))} a month while "
                + $"it runs: {Ui.Counted.Of(instances, "instance")} × {HoursOfMonth} h at {Ui.PriceWords.Of(price, book.Currency)}."
            : null;
    }

    /// <summary>The same for what isn't there yet: its data is charged besides.</summary>
    internal static string CostWithData(EffectivePlan plan, PriceBook? book, int instances) =>
        !plan.IsCharged ? Cost(plan, book, instances)!
        : Cost(plan, book, instances) is { } words ? $"{words} Data in and out is charged as usual."
        : "Connectors aren't charged. Data in and out is charged as usual.";

    /// <summary>Where the data goes.</summary>
    internal static string Way(Connector connector, ConnectorGuides guides) =>
        connector.Kind switch
        {
            ConnectorKind.Source => $"{TitleOf(connector, guides)} → {Connector.ShortTopic(connector.Topics[0])}",
            ConnectorKind.Sink => $"{Read(connector)} → {TitleOf(connector, guides)}",
            ConnectorKind.Function => $"{Read(connector)} → {TitleOf(connector, guides)} → {Connector.ShortTopic(connector.Output ?? "")}",
        };

    private static string Read(Connector connector) =>
        $"{string.Join(", ", connector.Topics.Take(2).Select(Connector.ShortTopic))}{(connector.Topics.Count > 2 ? $" and {connector.Topics.Count - 2} more" : "")}";

    /// <summary>Milliseconds as people read them; empty for none.</summary>
    internal static string Latency(TimeSpan? latency) =>
        latency is not { TotalMilliseconds: var milliseconds } ? ""
        : milliseconds < 0.1 ? "<\u00a00.1\u00a0ms"
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{milliseconds:0.0}\u00a0ms");

    internal static string Text(PreviewFate fate) =>
        fate switch
        {
            PreviewFate.Passed => "passed",
            PreviewFate.Filtered => "filtered",
            PreviewFate.Failed => "failed",
            PreviewFate.Unfinished => "unfinished",
        };

    internal static string Text(TrialEnd end) =>
        end switch
        {
            TrialEnd.Finished => "finished",
            TrialEnd.Failing => "failing",
            TrialEnd.Unfinished => "unfinished",
        };

    /// <summary>The beginning of a payload, for a cell of a table.</summary>
    internal static string Brief(Portal.Domain.Topics.Message message)
    {
        const int Shown = 400;
        if (message.IsNull)
            return Topics.DecodedText.NullValue;
        var text = System.Text.Encoding.UTF8.GetString(message.Payload.Span);
        return text.Length == 0 ? "(empty)"
            : text.Length <= Shown ? text
            : text[..Shown] + "…";
    }

    internal static string Title(Guarantee guarantee) =>
        guarantee switch
        {
            Guarantee.AtLeastOnce => "At least once",
            Guarantee.AtMostOnce => "At most once",
            Guarantee.EffectivelyOnce => "Effectively once",
        };

    /// <summary>The state and its mood, as the cluster said last.</summary>
    internal static (string Words, string Mood) State(Connector connector) =>
        State(connector, null, default) is ("started", _)
            ? connector.Trouble is null
                ? ("running", "good")
                : ("failing", "bad")
            : State(connector, null, default);

    /// <summary>The state and its mood, with what the cluster says of it now where that is known.</summary>
    internal static (string Words, string Mood) State(Connector connector, ConnectorStatus? live, DateTimeOffset now) =>
        connector.State switch
        {
            ResourceState.Creating => ("creating…", "info busy"),
            ResourceState.Deleting => ("deleting…", "info busy"),
            ResourceState.Failed => ("failed", "bad"),
            _ when connector.IsChanging => ("updating…", "info busy"),
            _ when connector.Wish == ConnectorWish.Stop => ("stopped", ""),
            _ when live is { IsFailing: true } => ("failing", "bad"),
            _ when live is not null && live.Running > 0 && live.Running < connector.Instances => ("partly running", "warn"),
            _ when live is { Running: 0 } => ("starting…", "info busy"),
            _ when live is not null && live.FailsMessages(now) => ("some messages fail", "warn"),
            _ when live is not null => ("running", "good"),
            _ => ("started", ""),
        };
}
