using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace LocalPulsar.Storage;

/// <summary>
/// The folder with everything a server keeps. Held by one process at a time: the lock goes with the process, however it ends.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const int FirstPort = 5081;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }
    public string Database => System.IO.Path.Combine(Path, "pulsar.db");
    public string PrivateKey => System.IO.Path.Combine(Path, "private.pem");
    public string PublicKey => System.IO.Path.Combine(Path, "public.pem");
    public string AdminToken => System.IO.Path.Combine(Path, "admin.token");
    private string PortFile => System.IO.Path.Combine(Path, "port");

    /// <exception cref="InvalidOperationException">Another process holds the folder, or it cannot be written.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
            var held = new FileStream(System.IO.Path.Combine(path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataFolder(path, held);
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new InvalidOperationException(
                $"The data folder {path} is in use by another LocalPulsar. Stop that one, or choose another folder.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"The data folder {path} can't be written ({e.Message}). Check its permissions and the disk, or choose another folder.",
                e
            );
        }
    }

    /// <summary>
    /// The lock is taken, as opposed to a folder that takes no files: EAGAIN of Linux and macOS, ERROR_SHARING_VIOLATION of Windows.
    /// </summary>
    private static bool IsHeld(IOException exception) => exception.HResult is 11 or 35 or unchecked((int)0x80070020);

    /// <summary>The port to listen on: the asked one, else the remembered one, else the first free one from 5081.</summary>
    public int ChoosePort(int? asked)
    {
        if (asked is { } given)
            return given;
        var remembered =
            File.Exists(PortFile) && int.TryParse(File.ReadAllText(PortFile), CultureInfo.InvariantCulture, out var last)
                ? last
                : FirstPort;
        for (var port = remembered; port < 65535; port++)
        {
            if (IsFree(port))
                return port;
        }
        return 0;
    }

    public void RememberPort(int port) => File.WriteAllText(PortFile, port.ToString(CultureInfo.InvariantCulture));

    public void Dispose() => _lock.Dispose();

    private static bool IsFree(int port)
    {
        using var probe = new TcpListener(IPAddress.Loopback, port);
        try
        {
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
