using Portal.Domain.Usage;

namespace Portal.Domain.Billing;

/// <summary>What a meter is called, on Portal's pages and on Stripe's invoices alike: a customer holds one beside the other.</summary>
public static class MeterTitles
{
    public static string Title(this Meter meter) =>
        meter switch
        {
            Meter.Write => "Data in",
            Meter.Read => "Data out",
            Meter.Storage => "Storage",
            Meter.Partitions => "Partitions",
            Meter.Connectors => "Connectors",
        };
}
