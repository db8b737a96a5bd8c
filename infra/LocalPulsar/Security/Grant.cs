namespace LocalPulsar.Security;

/// <summary>What a grant on a namespace or topic allows.</summary>
[Flags]
internal enum Grant
{
    None = 0,
    Produce = 1,
    Consume = 2,
    Either = Produce | Consume,
}
