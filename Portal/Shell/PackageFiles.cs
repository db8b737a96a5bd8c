using MudBlazor;

namespace Portal.Shell;

/// <summary>
/// MudBlazor's style sheet and script, compressed and kept by the browser. The SDK publishes compressed files of a
/// package's assets under their plain names only: at the fingerprinted ones 640 KB would go out as they are. So the plain
/// names are used with the package's version, and what carries the version never changes.
/// </summary>
internal static class PackageFiles
{
    private const string Folder = "/_content/MudBlazor";
    private static readonly string Version = typeof(MudDialog).Assembly.GetName().Version!.ToString(3);

    public static string Address(string file) => $"{Folder[1..]}/{file}?v={Version}";

    public static void UsePackageFiles(this WebApplication app) =>
        app.Use(
            (context, next) =>
            {
                if (context.Request.Path.StartsWithSegments(Folder, StringComparison.Ordinal) && context.Request.Query["v"] == Version)
                {
                    context.Response.OnStarting(() =>
                    {
                        if (context.Response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status304NotModified)
                            context.Response.Headers.CacheControl = "max-age=31536000, immutable";
                        return Task.CompletedTask;
                    });
                }
                return next(context);
            }
        );
}
