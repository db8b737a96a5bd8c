using System.Net;
using Microsoft.AspNetCore.Components;

namespace Portal.Ui.Charts;

internal static class ChartText
{
    /// <summary>An SVG text element. Built by hand: in Razor a text element is a directive.</summary>
    public static RenderFragment At(double x, double y, string anchor, string words) =>
        builder =>
            builder.AddMarkupContent(
                0,
                $"<text x=\"{ChartScale.Px(x)}\" y=\"{ChartScale.Px(y)}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(words)}</text>"
            );
}
