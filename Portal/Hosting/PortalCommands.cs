namespace Portal.Hosting;

/// <summary>What the program does instead of serving the portal.</summary>
public static class PortalCommands
{
    public static bool IsAskedFor(string[] args) =>
        KafkaClientCommand.IsAskedFor(args) || VerifyCommands.IsAskedFor(args) || DatabaseCommands.IsAskedFor(args);

    public static Task<int> RunAsync(string[] args)
    {
        if (KafkaClientCommand.IsAskedFor(args))
            return Task.FromResult(KafkaClientCommand.Run());
        return VerifyCommands.IsAskedFor(args) ? VerifyCommands.RunAsync(args) : DatabaseCommands.RunAsync(args);
    }
}
