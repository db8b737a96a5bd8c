using System.Text.Json;
using Portal.Domain.Connectors;

namespace Portal.Hosting.Settings;

/// <summary>The guides of an operator's folder, or a sentence that names the file that is wrong.</summary>
internal static class ConnectorGuidesReader
{
    private const string Path = "Portal:Connectors:GuidesFolder";

    public static IReadOnlyList<ConnectorGuide> Read(ConnectorsSection section)
    {
        if (string.IsNullOrWhiteSpace(section.GuidesFolder))
            return [];
        if (!Directory.Exists(section.GuidesFolder))
            throw new WrongSettingException(
                $"{Path} is '{section.GuidesFolder}': there is no such folder. Create it, or leave the setting out."
            );
        var guides = new List<ConnectorGuide>();
        foreach (var file in Directory.EnumerateFiles(section.GuidesFolder, "*.json").Order(StringComparer.Ordinal))
        {
            try
            {
                guides.Add(ConnectorGuide.Read(File.ReadAllText(file)));
            }
            catch (JsonException wrong)
            {
                throw new WrongSettingException($"{file} is no connector guide: {wrong.Message}");
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                throw new WrongSettingException($"{file} can't be read: {unreadable.Message}");
            }
        }
        return guides;
    }
}
