using Portal.Adapters.KafkaSource;
using Portal.Hosting.ExternalSignIn;

namespace Portal.Hosting;

/// <summary>
/// <c>kafka-client</c>: the portal starts itself with it, once for each Kafka cluster that it talks to. It reads no
/// settings, opens no database, and serves nobody but who started it.
/// </summary>
public static class KafkaClientCommand
{
    /// <summary>Where Kafka clients may connect to unless the operator lets them go anywhere.</summary>
    internal static KafkaReach Public { get; } = new(OutboundGate.IsPublic);

    public static bool IsAskedFor(string[] args) => KafkaProgram.IsAskedFor(args);

#pragma warning disable RS0030 // The composition names the system clock.
    public static int Run() => KafkaProgram.Run(Public, TimeProvider.System);
#pragma warning restore RS0030
}
