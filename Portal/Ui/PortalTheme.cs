using MudBlazor;

namespace Portal.Ui;

/// <summary>
/// MudBlazor's palettes from the tokens of <c>wwwroot/css/tokens.css</c>. Two themes, one per scope, instead of one that
/// the server switches: the browser's choice holds before the server knows of it.
/// </summary>
public static class PortalTheme
{
    private static readonly string[] Sans = ["Inter", "system-ui", "sans-serif"];

    public static MudTheme Light { get; } =
        new()
        {
            PaletteLight = new PaletteLight
            {
                Primary = "#0b7a75",
                PrimaryContrastText = "#ffffff",
                Secondary = "#5b5bd6",
                SecondaryContrastText = "#ffffff",
                Tertiary = "#64748b",
                Info = "#175cd3",
                Success = "#067647",
                Warning = "#b54708",
                Error = "#b42318",
                Dark = "#101828",
                TextPrimary = "#101828",
                TextSecondary = "#475467",
                TextDisabled = "#5f6b7e",
                ActionDefault = "#475467",
                ActionDisabled = "#8a94a6",
                Background = "#f7f8fa",
                BackgroundGray = "#f2f4f7",
                Surface = "#ffffff",
                DrawerBackground = "#ffffff",
                AppbarBackground = "#ffffff",
                AppbarText = "#101828",
                LinesDefault = "#e4e7ec",
                LinesInputs = "#8a94a6",
                TableLines = "#f0f2f5",
                Divider = "#e4e7ec",
                DividerLight = "#f0f2f5",
                HoverOpacity = 0.05,
            },
            Typography = Type(),
            LayoutProperties = Layout(),
            PseudoCss = new PseudoCss { Scope = ":root" },
        };

    public static MudTheme Dark { get; } =
        new()
        {
            PaletteDark = new PaletteDark
            {
                Primary = "#2cc4b6",
                PrimaryContrastText = "#04201e",
                Secondary = "#9b9bff",
                SecondaryContrastText = "#0d1117",
                Tertiary = "#94a3b8",
                Info = "#7cb0ff",
                Success = "#4cc38a",
                Warning = "#f0a856",
                Error = "#f97066",
                Dark = "#1a212b",
                TextPrimary = "#e8ebf0",
                TextSecondary = "#a9b2c0",
                TextDisabled = "#8792a2",
                ActionDefault = "#a9b2c0",
                ActionDisabled = "#5d6878",
                Background = "#0d1117",
                BackgroundGray = "#10151c",
                Surface = "#141a22",
                DrawerBackground = "#141a22",
                AppbarBackground = "#141a22",
                AppbarText = "#e8ebf0",
                LinesDefault = "#28303c",
                LinesInputs = "#5d6878",
                TableLines = "#1f2630",
                Divider = "#28303c",
                DividerLight = "#1f2630",
                HoverOpacity = 0.06,
            },
            Typography = Type(),
            LayoutProperties = Layout(),
            PseudoCss = new PseudoCss { Scope = ":root[data-theme=dark]" },
        };

    private static Typography Type() =>
        new()
        {
            Default = new DefaultTypography
            {
                FontFamily = Sans,
                FontSize = "14px",
                LineHeight = "1.45",
                LetterSpacing = "0",
            },
            Button = new ButtonTypography
            {
                FontFamily = Sans,
                FontSize = "13.5px",
                FontWeight = "550",
                LetterSpacing = "0",
                TextTransform = "none",
            },
            Body1 = new Body1Typography
            {
                FontFamily = Sans,
                FontSize = "14px",
                LineHeight = "1.45",
                LetterSpacing = "0",
            },
            Body2 = new Body2Typography
            {
                FontFamily = Sans,
                FontSize = "13.5px",
                LineHeight = "1.45",
                LetterSpacing = "0",
            },
            H6 = new H6Typography
            {
                FontFamily = Sans,
                FontSize = "16px",
                FontWeight = "620",
                LetterSpacing = "0",
            },
        };

    private static LayoutProperties Layout() => new() { DefaultBorderRadius = "8px" };
}
