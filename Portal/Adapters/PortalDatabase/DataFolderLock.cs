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
            Directory.CreateDirectory(folder);
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1));
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException(
                $"The data folder '{folder}' is in use by another process ({exception.Message}). Stop it, or set Portal:DataFolder to a folder of its own; for several replicas use PostgreSql.",
                exception);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new InvalidOperationException($"The data folder '{folder}' cannot be written. Give the portal's user the right to, or set Portal:DataFolder to another folder.", exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
