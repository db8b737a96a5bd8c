namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>At most one password hash per core at a time: sign-ins queue for it, pages do not.</summary>
internal sealed class HashGate : IDisposable
{
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    public async Task<T> RunAsync<T>(Func<T> hash, CancellationToken cancellationToken)
    {
        await _turns.WaitAsync(cancellationToken);
        try
        {
            return hash();
        }
        finally
        {
            _turns.Release();
        }
    }

    public void Dispose() => _turns.Dispose();
}
