namespace LocalStripe.Storage;

/// <summary>The operating system drops the lock with the process, so nothing stays behind after kill -9.</summary>
internal static class DataFolderLock
{
    public static FileStream Take(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "localstripe.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException busy)
        {
            throw new LocalStripeRefusedException(
                $"Another process already runs LocalStripe on the data folder {Path.GetFullPath(folder)}. Stop it, or choose another folder.", busy);
        }
    }
}
