using System.Security.Cryptography;

namespace Portal.Tests.Support;

/// <summary>
/// Folders with what a first start would spend its time on: a database that is migrated already, and LocalPulsar's key. Made
/// once in a run and copied; who tests the first start itself takes an empty folder.
/// </summary>
public static class PreparedFolder
{
    private static readonly Lazy<(string Private, string Public)> Key = new(() =>
    {
        using var rsa = RSA.Create(2048);
        return (rsa.ExportPkcs8PrivateKeyPem(), rsa.ExportSubjectPublicKeyInfoPem());
    });

    /// <summary>A data folder for a portal.</summary>
    public static string ForPortal(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        File.Copy(TestDatabase.Migrated(), Path.Combine(folder, "portal.db"));
        AddKey(Directory.CreateDirectory(Path.Combine(folder, "pulsar")).FullName);
        return folder;
    }

    /// <summary>A data folder for a LocalPulsar.</summary>
    public static string ForPulsar(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        AddKey(folder);
        return folder;
    }

    private static void AddKey(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "public.pem"), Key.Value.Public);
        var secret = Path.Combine(folder, "private.pem");
        File.WriteAllText(secret, Key.Value.Private);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
