using System.Text.RegularExpressions;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Tenants;

namespace Portal.Domain.Connectors;

/// <summary>What runs a function. Written <c>java</c>, <c>python</c>, <c>go</c>.</summary>
public enum PackageRuntime
{
    Java,
    Python,
    Go,
}

/// <summary>Where a version of a package lives, as a cluster is told.</summary>
public sealed record PackageAddress(string Cluster, string Tenant, string Namespace, string Name, string Version)
{
    /// <summary>As functions name it. Every part was checked where it came in: none can hold a character that ends another.</summary>
    public string Url => $"function://{Tenant}/{Namespace}/{Name}@{Version}";
}

/// <summary>What a file holds, read without running any of it.</summary>
/// <param name="Classes">What of it can run as a function, in the order in which it is offered; empty where nothing has to be
/// chosen.</param>
/// <param name="Platform">Of a binary: <c>amd64</c> or <c>arm64</c>; null for what runs anywhere.</param>
public sealed record PackageContent(PackageRuntime Runtime, IReadOnlyList<string> Classes, string? Platform = null);

/// <summary>One version of a customer's own function code. The bytes lie on the cluster; this is what is known of them.</summary>
public sealed class FunctionPackage : ClusterResource
{
    private FunctionPackage() { }

    /// <param name="sha256">Of the bytes, in lowercase hex.</param>
    public FunctionPackage(
        PackageId id,
        Namespace @namespace,
        string name,
        string version,
        PackageContent content,
        long bytes,
        string sha256,
        string note,
        string by,
        DateTimeOffset at
    )
    {
        (Id, NamespaceId, TenantId, OrganizationId, Cluster, TenantName, NamespaceName, State) = (
            id,
            @namespace.Id,
            @namespace.TenantId,
            @namespace.OrganizationId,
            @namespace.Cluster,
            @namespace.TenantName,
            @namespace.Name,
            ResourceState.Creating
        );
        (Name, Version, Path, Runtime, ClassNames, Platform, Bytes, Sha256, Note, CreatedBy, CreatedAt) = (
            name,
            version,
            $"{@namespace.Name}/{name}",
            content.Runtime,
            string.Join('\n', content.Classes),
            content.Platform,
            bytes,
            sha256,
            note,
            by,
            at
        );
    }

    public PackageId Id { get; private set; }
    public NamespaceId NamespaceId { get; private set; }
    public TenantId TenantId { get; private set; }
    public OrganizationId OrganizationId { get; private set; }
    public string Cluster { get; private set; } = "";
    public string TenantName { get; private set; } = "";
    public string NamespaceName { get; private set; } = "";
    public string Name { get; private set; } = "";
    public string Version { get; private set; } = "";

    /// <summary><c>namespace/name</c>, by which lists sort.</summary>
    public string Path { get; private set; } = "";

    public PackageRuntime Runtime { get; private set; }

    /// <summary>One a line.</summary>
    public string ClassNames { get; private set; } = "";

    public string? Platform { get; private set; }
    public long Bytes { get; private set; }
    public string Sha256 { get; private set; } = "";

    /// <summary>What its owner says of this version; empty for nothing.</summary>
    public string Note { get; private set; } = "";

    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }

    public IReadOnlyList<string> Classes => ClassNames.Length == 0 ? [] : ClassNames.Split('\n');

    public PackageAddress OnCluster => new(Cluster, TenantName, NamespaceName, Name, Version);

    /// <summary><c>tenant/namespace/name@version</c>.</summary>
    public string FullName => $"{TenantName}/{Path}@{Version}";
}

/// <summary>What of a package a function runs.</summary>
/// <param name="Class">Null where there is nothing to choose: a Go binary.</param>
public sealed record PackageUse(PackageRuntime Runtime, string Version, string? Class)
{
    /// <summary>Before the name of a package in a connector's type. No built-in function can be called so.</summary>
    private const string Prefix = "package:";

    /// <summary>The type of what runs a package: <c>package:shout</c>.</summary>
    public static string TypeOf(string package) => Prefix + package;

    /// <summary>The package's name; null for what is built in.</summary>
    public static string? NameIn(string? type) =>
        type is not null && type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : null;

    internal static ConnectorDefinition Definition(string type) => new(new ConnectorType(ConnectorKind.Function, type, null), []);

    /// <summary>None of the parts has a blank.</summary>
    internal string Write() => $"{Runtime.Text()} {Version} {Class}".TrimEnd();

    internal static PackageUse? Read(string? text) =>
        text?.Split(' ') is [var runtime, var version, .. var rest] && PackageWords.TryRuntime(runtime, out var known)
            ? new(known, version, rest is [var name, ..] ? name : null)
            : null;
}

/// <summary>
/// Names and versions of packages. They become parts of paths and addresses on a cluster, so nothing but these characters gets through.
/// </summary>
public static partial class PackageWords
{
    public const int LongestName = 64,
        LongestVersion = 40,
        LongestNote = 200;

    public static string Text(this PackageRuntime runtime) =>
        runtime switch
        {
            PackageRuntime.Java => "java",
            PackageRuntime.Python => "python",
            PackageRuntime.Go => "go",
        };

    public static bool TryRuntime(string? text, out PackageRuntime runtime)
    {
        runtime = text switch
        {
            "python" => PackageRuntime.Python,
            "go" => PackageRuntime.Go,
            _ => PackageRuntime.Java,
        };
        return runtime.Text() == text;
    }

    public static Problem.Invalid? CheckName(string? name) =>
        name is { Length: > 0 and <= LongestName } && Allowed().IsMatch(name)
            ? null
            : new(
                "package-name-malformed",
                $"A package's name has 1 to {LongestName} letters, digits and - _ . and starts with a letter or digit.",
                "name"
            );

    public static Problem.Invalid? CheckVersion(string? version) =>
        version is { Length: > 0 and <= LongestVersion } && Allowed().IsMatch(version)
            ? null
            : new(
                "package-version-malformed",
                $"A version has 1 to {LongestVersion} letters, digits and - _ . and starts with a letter or digit, for example 1.0.",
                "version"
            );

    public static Problem.Invalid? CheckNote(string? note) =>
        note is null || note.Length <= LongestNote && !note.Any(char.IsControl)
            ? null
            : new("package-note-length", $"A note can have at most {LongestNote} characters in one line.", "note");

    [GeneratedRegex(@"^[A-Za-z0-9][-._A-Za-z0-9]*\z")]
    private static partial Regex Allowed();
}

public interface IPackageStore
{
    /// <summary>A version that is not deleted.</summary>
    Task<FunctionPackage?> FindAsync(NamespaceId @namespace, string name, string version, CancellationToken cancellationToken);

    /// <summary>In any state.</summary>
    Task<FunctionPackage?> FindAsync(PackageId id, CancellationToken cancellationToken);

    /// <summary>Versions of all packages of a tenant that are not deleted, by namespace and name; search in the name.</summary>
    Task<PageOf<FunctionPackage>> ListAsync(TenantId tenant, Scope scope, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Not deleted, newest first.</summary>
    Task<PageOf<FunctionPackage>> ListVersionsAsync(
        NamespaceId @namespace,
        string name,
        PageRequest page,
        CancellationToken cancellationToken
    );

    /// <summary>Not deleted.</summary>
    Task<PageOf<FunctionPackage>> ListOfNamespaceAsync(NamespaceId @namespace, PageRequest page, CancellationToken cancellationToken);

    /// <summary>Versions that are not deleted, in the whole organization.</summary>
    Task<int> CountAsync(OrganizationId organization, CancellationToken cancellationToken);

    /// <summary>Functions of a namespace that run some version of a package and are not deleted.</summary>
    Task<IReadOnlyList<Connector>> UsersAsync(NamespaceId @namespace, string name, CancellationToken cancellationToken);

    void Add(FunctionPackage package);
}

/// <summary>This feature's part of a session that is about packages.</summary>
public static class PackagesSession
{
    extension(IPortalSession session)
    {
        public IPackageStore Packages => session.Store<IPackageStore>();
    }
}
