using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Tests.Support.Fakes;

/// <summary>A cluster that keeps packages, with room for uploads in memory.</summary>
public sealed class StandingPackages : IFunctionPackages, IUploadRoom
{
    /// <summary>What it keeps, by address.</summary>
    public Dictionary<string, byte[]> Kept { get; } = [];

    public RuntimeLook Look { get; set; } = new(RuntimeFinding.Separate, null);

    /// <summary>What it answers to an upload; null to take it.</summary>
    public Problem? Refuses { get; set; }

    public async Task<Outcome<Done>> UploadAsync(PackageAddress package, Stream content, CancellationToken cancellationToken)
    {
        if (Refuses is { } problem)
            return problem;
        using var held = new MemoryStream();
        await content.CopyToAsync(held, cancellationToken);
        Kept[package.Url] = held.ToArray();
        return Outcome.Done;
    }

    public Task<Outcome<Done>> DeleteAsync(PackageAddress package, CancellationToken cancellationToken)
    {
        Kept.Remove(package.Url);
        return Task.FromResult(Outcome.Done);
    }

    public Task<Outcome<RuntimeLook>> LookAtRuntimeAsync(string cluster, CancellationToken cancellationToken) =>
        Task.FromResult(Outcome.Of(Look));

    public Outcome<Stream> Open(OrganizationId organization) => new MemoryStream();
}
