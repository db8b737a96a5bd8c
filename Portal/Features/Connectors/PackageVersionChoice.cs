using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Features.Connectors;

/// <summary>Which version of a package is to run, and which of its classes, while somebody chooses.</summary>
public sealed class PackageVersionChoice
{
    /// <summary>Those that are ready, newest first; empty for what is no package.</summary>
    public IReadOnlyList<FunctionPackage> Versions { get; private set; } = [];

    public string? Version { get; private set; }

    public string? Class { get; set; }

    public bool IsAny => Versions.Count > 0;

    public void Clear() => (Versions, Version, Class) = ([], null, null);

    /// <summary>What runs now stays chosen; where nothing does, the newest version is.</summary>
    public async Task ReadAsync(
        ListPackageVersions list,
        Actor actor,
        (string Org, string Tenant, string Namespace, string Name) package,
        PackageUse? present,
        CancellationToken cancellationToken
    )
    {
        var (org, tenant, @namespace, name) = package;
        var found = await list.RunAsync(actor, org, tenant, @namespace, name, new PageRequest(PageRequest.MaxLimit), cancellationToken);
        Versions = found.IsOk ? [.. found.Value.Items.Select(one => one.Package).Where(one => one.State == ResourceState.Ready)] : [];
        (Version, Class) = (present?.Version, present?.Class);
        if (present is null && Versions is [var newest, ..])
            Choose(newest.Version);
    }

    /// <summary>The class stays where the other version has it.</summary>
    public void Choose(string version)
    {
        var classes = Versions.FirstOrDefault(one => one.Version == version)?.Classes ?? [];
        Version = version;
        if (Class is null || !classes.Contains(Class))
            Class = classes.Count > 0 ? classes[0] : null;
    }
}
