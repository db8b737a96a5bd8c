using System.Collections;
using System.Reflection;

namespace Portal.Hosting.Settings;

/// <summary>Reads <see cref="PortalSettings"/> from appsettings, environment and command line.</summary>
public static class SettingsReader
{
    /// <exception cref="WrongSettingException">A setting is unknown, malformed or missing.</exception>
    public static PortalSettings Read(IConfiguration configuration, IHostEnvironment environment)
    {
        var section = configuration.GetSection(PortalSettings.Section);
        // A misspelt name would otherwise run the embedded default in silence.
        RefuseUnknown(section, typeof(PortalSettings));
        var settings = Bind(section);
        SettingsCheck.Run(settings, configuration["urls"], environment);
        return settings;
    }

    private static PortalSettings Bind(IConfigurationSection section)
    {
        try
        {
            return section.Get<PortalSettings>() ?? new PortalSettings();
        }
        catch (InvalidOperationException wrong)
        {
            throw new WrongSettingException($"A setting cannot be read: {wrong.Message}");
        }
    }

    private static void RefuseUnknown(IConfigurationSection section, Type type)
    {
        foreach (var child in section.GetChildren())
        {
            var property = type.GetProperty(child.Key, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance);
            if (property is null || !property.CanWrite)
                throw new WrongSettingException(
                    $"The setting '{child.Path}' is not known: under '{section.Path}' there are {string.Join(", ", Names(type))}."
                );
            if (ElementOf(property.PropertyType) is { } element)
            {
                foreach (var item in child.GetChildren().Where(_ => IsGroup(element)))
                    RefuseUnknown(item, element);
            }
            else if (IsGroup(property.PropertyType))
            {
                RefuseUnknown(child, property.PropertyType);
            }
        }
    }

    private static IEnumerable<string> Names(Type type) =>
        type.GetProperties().Where(property => property.CanWrite).Select(property => property.Name);

    private static bool IsGroup(Type type) => type.Namespace == typeof(PortalSettings).Namespace;

    private static Type? ElementOf(Type type) =>
        type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments().FirstOrDefault() : null;
}
