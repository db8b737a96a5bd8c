namespace Portal.Domain.Migration;

/// <summary>
/// What a connection is tested for, in this order; written <c>name</c>, <c>port</c>, <c>tls</c>, <c>kafka</c>, <c>sign-in</c>,
/// <c>brokers</c>, <c>permissions</c>.
/// </summary>
public enum ConnectionStep
{
    Name,
    Port,
    Tls,
    Kafka,
    SignIn,
    Brokers,
    Permissions,
}

/// <summary>How a step went. A warning lets the migration begin.</summary>
public enum CheckState
{
    Passed,
    Warning,
    Failed,
    NotReached,
}

/// <param name="Code">Of a failure or warning; null for none.</param>
/// <param name="Message">What was seen, and of a failure what to do.</param>
/// <param name="Paste">What to copy: a certificate, or commands; null for nothing.</param>
public sealed record ConnectionCheck(ConnectionStep Step, CheckState State, string? Code, string Message, string? Paste = null);

/// <summary>A connection that was tried out, step by step, reading only.</summary>
/// <param name="ClusterId">Kafka's own; null when it was not reached.</param>
public sealed record ConnectionTest(IReadOnlyList<ConnectionCheck> Checks, string? ClusterId, int Brokers)
{
    public bool Works => Checks.All(check => check.State is CheckState.Passed or CheckState.Warning);

    /// <summary>The first that failed; null for none.</summary>
    public ConnectionCheck? Failure => Checks.FirstOrDefault(check => check.State == CheckState.Failed);
}

public static class ConnectionWords
{
    public static string Text(this ConnectionStep step) =>
        step switch
        {
            ConnectionStep.Name => "name",
            ConnectionStep.Port => "port",
            ConnectionStep.Tls => "tls",
            ConnectionStep.Kafka => "kafka",
            ConnectionStep.SignIn => "sign-in",
            ConnectionStep.Brokers => "brokers",
            ConnectionStep.Permissions => "permissions",
        };

    /// <summary>For people.</summary>
    public static string Title(this ConnectionStep step) =>
        step switch
        {
            ConnectionStep.Name => "Host names",
            ConnectionStep.Port => "Ports",
            ConnectionStep.Tls => "TLS",
            ConnectionStep.Kafka => "Kafka protocol",
            ConnectionStep.SignIn => "Sign-in",
            ConnectionStep.Brokers => "Brokers",
            ConnectionStep.Permissions => "Permissions",
        };

    public static string Text(this CheckState state) =>
        state switch
        {
            CheckState.Passed => "passed",
            CheckState.Warning => "warning",
            CheckState.Failed => "failed",
            CheckState.NotReached => "not-reached",
        };
}
