namespace Portal.Adapters.PortalDatabase;

/// <summary>
/// The data folder belongs to one process. The lock is the operating system's on an open file: it ends with the process,
/// however that dies, and leaves nothing to clean up.
/// </summary>
public sealed class DataFolderLock : IDisposable
{
    private readonly FileStream _file;

    private DataFolderLock(FileStream file) => _file = file;

    /// <exception cref="InvalidOperationException">Another process has it; the message is the sentence to show.</exception>
    public static DataFolderLock Take(string folder)
    {
        var path = Path.Combine(folder, "portal.lock");
        try
        {
            PrivateFiles.CreateFolder(folder);
            return new(new FileStream(path, PrivateFiles.Options(FileMode.OpenOrCreate, FileAccess.ReadWrite)));
        }
        catch (IOException exception) when (exception.HResult is 11 or 35 or unchecked((int)0x80070020))
        {
            // EAGAIN of Linux and macOS, ERROR_SHARING_VIOLATION of Windows; everything else is a folder that takes no files.
            throw new InvalidOperationException(
                $"The data folder '{folder}' is in use by another process ({exception.Message}). "
                    + "Stop it, or set Portal:DataFolder to a folder of its own; for several replicas use PostgreSql.",
                exception
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(Unwritable(folder, exception), exception);
        }
    }

    /// <summary>Tries to make the folder and a file in it, before anything else in the process relies on that.</summary>
    /// <exception cref="InvalidOperationException">It cannot be written; the message is the sentence to show.</exception>
    public static void MustBeWritable(string folder)
    {
        try
        {
            PrivateFiles.CreateFolder(folder);
            using (
                new FileStream(
                    Path.Combine(folder, $".write-{Guid.NewGuid():N}"),
                    FileMode.CreateNew,
                    FileAccess.Write,
                    FileShare.None,
                    bufferSize: 1,
                    FileOptions.DeleteOnClose
                )
            ) { }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(Unwritable(folder, exception), exception);
        }
    }

    private static string Unwritable(string folder, Exception exception) =>
        $"Portal:DataFolder: '{folder}' can't be written ({exception.Message}). "
        + "Give the portal's user write access and make sure the disk isn't full or read-only, or choose another folder.";

    public void Dispose() => _file.Dispose();
}
