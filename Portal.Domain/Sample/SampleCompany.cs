using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Mails;

namespace Portal.Domain.Sample;

/// <summary>The sample company as it is every time: an online furniture shop with three teams and the topics they work with.</summary>
public static class SampleCompany
{
    public const string Name = "Alder & Pine";
    public const string Slug = "alder-and-pine";

    private const string Shop = "alderpine-shop";
    private const string Logistics = "alderpine-logistics";
    private const string Analytics = "alderpine-analytics";

    /// <summary>
    /// The owner first. They have no password and no other way in, and no email is written to their addresses.
    /// </summary>
    public static IReadOnlyList<SamplePerson> People { get; } =
    [
        new("nora.alder", Role.Owner),
        new("jonas.pine", Role.Admin),
        new("priya.raman", Role.Billing),
        new("mateo.silva", Role.Developer),
        new("ines.duarte", Role.Developer, Logistics),
        new("sam.okafor", Role.Viewer),
    ];

    /// <summary>By tenant and namespace. About 25 GiB come in on a day, most of it page views and parcels on their way.</summary>
    public static IReadOnlyList<SampleTopic> Topics { get; } =
    [
        new(Shop, "orders", "order-placed", 4, Mebibytes(1_230), Readers: 3, Mebibytes(9_800)),
        new(Shop, "orders", "order-canceled", 0, Mebibytes(96), Readers: 2, Mebibytes(740)),
        new(Shop, "orders", "payment-authorized", 2, Mebibytes(610), Readers: 2, Mebibytes(4_900)),
        new(Shop, "catalog", "price-changed", 0, Mebibytes(820), Readers: 4, Mebibytes(2_100)),
        new(Shop, "catalog", "stock-level", 2, Mebibytes(1_540), Readers: 3, Mebibytes(3_600)),
        new(Logistics, "shipping", "parcel-tracking", 8, Mebibytes(4_100), Readers: 2, Mebibytes(31_000)),
        new(Logistics, "shipping", "shipment-created", 2, Mebibytes(700), Readers: 2, Mebibytes(5_500)),
        new(Logistics, "warehouse", "bin-scanned", 4, Mebibytes(2_250), Readers: 1, Mebibytes(8_200)),
        new(Logistics, "warehouse", "pick-list", 0, Mebibytes(310), Readers: 1, Mebibytes(900)),
        new(Analytics, "events", "page-viewed", 8, Mebibytes(9_200), Readers: 2, Mebibytes(64_000)),
        new(Analytics, "events", "product-recommended", 2, Mebibytes(2_050), Readers: 1, Mebibytes(11_500)),
        new(Analytics, "events", "search-entered", 4, Mebibytes(3_100), Readers: 2, Mebibytes(19_000)),
    ];

    private static long Mebibytes(long number) => number * ByteSize.MiB;
}

/// <summary>A member of the sample company.</summary>
/// <param name="Tenant">Where the role holds; null for the whole organization.</param>
public sealed record SamplePerson(string Name, Role Role, string? Tenant = null)
{
    public EmailAddress Email => EmailAddress.Create($"{Name}@{NoMailbox.Domain}").Value;
}

/// <summary>A topic of the sample company and how it is used.</summary>
/// <param name="Partitions">0 = not partitioned.</param>
/// <param name="BytesPerDay">Come in on an ordinary weekday of the running month.</param>
/// <param name="Readers">How many subscriptions read each byte.</param>
/// <param name="KeptBytes">What retention keeps of it in the running month.</param>
public sealed record SampleTopic(
    string Tenant,
    string Namespace,
    string Name,
    int Partitions,
    long BytesPerDay,
    int Readers,
    long KeptBytes
)
{
    /// <summary>As Pulsar writes it.</summary>
    public string Address => $"persistent://{Tenant}/{Namespace}/{Name}";
}
