using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;

namespace Portal.Ui;

/// <summary>What pages and dialogs share: who looks, in which zone, and a token that ends with them.</summary>
public abstract class PortalComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();

    [CascadingParameter]
    public required Actor Actor { get; set; }

    [CascadingParameter]
    public ViewerZone Zone { get; set; } = ViewerZone.Utc;

    // Taken once: a source that is gone gives no token, and what was waiting when the page was left asks for it then.
    protected PortalComponent() => Leaving = _leaving.Token;

    /// <summary>Cancelled when the component goes away, and good to ask for afterwards too.</summary>
    protected CancellationToken Leaving { get; }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _leaving.IsCancellationRequested)
            return;
        _leaving.Cancel();
        _leaving.Dispose();
    }
}
