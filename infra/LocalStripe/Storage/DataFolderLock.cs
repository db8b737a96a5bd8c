namespace LocalStripe.Storage;

/// <summary>The operating system drops the lock with the process, so nothing stays behind after kill -9.</summary>
internal static class DataFolderLock
{
    public static FileStream Take(string folder)
    {
        var path = Path.Combine(folder, "localstripe.lock");
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy) when (IsHeld(busy))
        {
            throw new LocalStripeRefusedException(
                $"Another process already runs LocalStripe on the data folder {Path.GetFullPath(folder)}. "
                    + "Stop it, or choose another folder.",
                busy
            );
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new LocalStripeRefusedException(
                $"The data folder {Path.GetFullPath(folder)} can't be written ({refused.Message}). "
                    + "Check its permissions and the disk, or choose another folder.",
                refused
            );
        }
    }

    /// <summary>
    /// The lock is taken, as opposed to a folder that takes no files: EAGAIN of Linux and macOS, ERROR_SHARING_VIOLATION of Windows.
    /// </summary>
    private static bool IsHeld(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);
}
