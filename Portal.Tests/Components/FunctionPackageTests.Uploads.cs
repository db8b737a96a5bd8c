using Bunit;
using Portal.Domain.Clusters;
using Portal.Domain.Connectors;
using Portal.Domain.Topics;
using Portal.Domain.Work;

namespace Portal.Tests.Components;

public sealed partial class FunctionPackageTests
{
    /// <summary>512 bytes a second, for ever.</summary>
    private sealed class Trickle(Action<TimeSpan> pass) : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            pass(TimeSpan.FromSeconds(1));
            Given += 512;
            return ValueTask.FromResult(512);
        }
    }

    /// <summary>Fails when a byte is asked for.</summary>
    private sealed class Untouched : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("nobody may read this");
    }

    private sealed class Endless : MemoryStream
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
