namespace Portal.Domain.Common;

/// <summary>
/// Secrets at rest, and values that leave and come back: encrypted and authenticated with the key ring that all replicas share.
/// </summary>
public interface ISecretSeal
{
    /// <param name="purpose">What is sealed for one purpose cannot be opened for another.</param>
    string Seal(string purpose, string secret);

    /// <summary>Null when it was altered or is not one of ours.</summary>
    string? Open(string purpose, string sealedSecret);
}
