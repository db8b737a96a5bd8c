using Portal.Domain.Gateway;
using Portal.Domain.Topics;

namespace Portal.Adapters.PulsarMessages;

public static class PulsarMessagesWiring
{
    /// <summary>Sending and reading over WebSocket, and the brokers' end of the gateway; needs the ports of AddPulsarAdmin.</summary>
    public static IServiceCollection AddPulsarMessages(this IServiceCollection services) =>
        services
            .AddSingleton<MessageSockets>()
            .AddSingleton<IBrokerSockets, BrokerSockets>()
            .AddSingleton<MessageSenders>()
            .AddSingleton(provider => new ByteRoom(ByteRoom.ForReads, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<IMessageClient, PulsarMessageClient>();
}
