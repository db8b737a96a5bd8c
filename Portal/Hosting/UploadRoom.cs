using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Hosting;

/// <summary>
/// Files that are being uploaded, in the data folder: few at a time, so that uploads can't fill the disk, and of an
/// organization one. What a killed portal left is removed at the next start.
/// </summary>
internal sealed class UploadRoom : IUploadRoom
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly Lock _gate = new();
    private readonly HashSet<OrganizationId> _open = [];

    public UploadRoom(string dataFolder)
    {
        _folder = Path.Combine(dataFolder, "uploads");
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    public Outcome<Stream> Open(OrganizationId organization)
    {
        lock (_gate)
        {
            if (_open.Count >= AtOnce || !_open.Add(organization))
            {
                return new Problem.TooMany(
                    "uploads-busy",
                    _open.Contains(organization)
                        ? "Somebody in your organization is uploading a package. Try again once that upload is over."
                        : "Several packages are being uploaded at the moment. Try again in half a minute.",
                    Later
                );
            }
        }
        try
        {
            Directory.CreateDirectory(_folder);
            return new Upload(Path.Combine(_folder, Path.GetRandomFileName()), () => Close(organization));
        }
        catch
        {
            Close(organization);
            throw;
        }
    }

    private void Close(OrganizationId organization)
    {
        lock (_gate)
            _open.Remove(organization);
    }

    private static FileStreamOptions OwnersAlone()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private sealed class Upload(string path, Action closed) : FileStream(path, OwnersAlone())
    {
        private Action? _closed = closed;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Interlocked.Exchange(ref _closed, null)?.Invoke();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Interlocked.Exchange(ref _closed, null)?.Invoke();
        }
    }
}
