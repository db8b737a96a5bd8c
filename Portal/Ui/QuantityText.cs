using System.Globalization;
using Portal.Domain.Common;
using Portal.Domain.Usage;

namespace Portal.Ui;

/// <summary>Quantities of meters: for people with a fitting unit, and exact.</summary>
public static class QuantityText
{
    /// <summary>Figure and unit: <c>61.2 GiB</c>, <c>1,718.4 GiB-hours</c>, <c>3,072 h</c>.</summary>
    public static (string Figure, string Unit) Of(Meter meter, decimal quantity)
    {
        if (meter is Meter.Write or Meter.Read)
            return ByteSize.Humanize((long)quantity);
        if (meter == Meter.Storage)
        {
            var (figure, unit) = ByteSize.Humanize((long)quantity);
            return (figure, unit + "-hours");
        }
        return (quantity.ToString(quantity < 10 ? "#,##0.####" : "#,##0.#", CultureInfo.InvariantCulture), "h");
    }

    /// <summary>Without trailing zeros or separators, as the API writes it.</summary>
    public static string Exact(decimal quantity) => (quantity / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
}
