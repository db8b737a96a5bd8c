using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

public static class PulsarMessagesWiring
{
    /// <summary>Sending and reading over WebSocket; needs the ports of AddPulsarAdmin.</summary>
    public static IServiceCollection AddPulsarMessages(this IServiceCollection services) => services
        .AddSingleton<MessageSockets>()
        .AddSingleton<MessageSenders>()
        .AddSingleton<IMessageClient, PulsarMessageClient>();
}
