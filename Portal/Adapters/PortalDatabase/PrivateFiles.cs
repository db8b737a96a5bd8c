using System.Runtime.Versioning;

namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// The data folder holds password hashes, secrets and the keys that seal them: whoever else has an account on the machine
/// may not look. Windows inherits the rights of the folder above.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>
    /// A new folder is its owner's alone. From one that was there others are shut out; a group that an operator gave it stays, such as a
    /// volume's.
    /// </summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, OwnersFolder);
        else if ((File.GetUnixFileMode(folder) & Others) != 0)
            TrySetMode(folder, File.GetUnixFileMode(folder) & ~Others);
    }

    /// <summary>Opens or makes a file that only its owner reads.</summary>
    public static FileStreamOptions Options(FileMode mode, FileAccess access)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = access,
            Share = FileShare.None,
            BufferSize = 1,
        };
        if (!OperatingSystem.IsWindows() && mode is FileMode.CreateNew or FileMode.OpenOrCreate or FileMode.Create)
            options.UnixCreateMode = OwnersFile;
        return options;
    }

    /// <summary>Before SQLite opens its file: what it puts beside it (<c>-wal</c>, <c>-shm</c>) gets the same mode.</summary>
    public static void ProtectDatabase(string file)
    {
        if (OperatingSystem.IsWindows())
            return;
        // An empty file is an empty database.
        if (!File.Exists(file))
            using (new FileStream(file, Options(FileMode.CreateNew, FileAccess.Write))) { }
        foreach (var part in new[] { file, file + "-wal", file + "-shm" })
            if (File.Exists(part) && File.GetUnixFileMode(part) != OwnersFile)
                TrySetMode(part, OwnersFile);
    }

    /// <summary>Another user's folder or file, as of a mounted volume, keeps the rights that the operator gave it.</summary>
    [UnsupportedOSPlatform("windows")]
    private static void TrySetMode(string path, UnixFileMode mode)
    {
        try
        {
            File.SetUnixFileMode(path, mode);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException) { }
    }
}
