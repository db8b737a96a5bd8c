using Portal.Domain.Migration;

namespace Portal.Features.Migration;

/// <summary>What is typed into the fields of a connection.</summary>
public sealed class ConnectionValues
{
    public string Servers { get; set; } = "";
    public KafkaSecurity Security { get; set; } = KafkaSecurity.TlsSaslScram512;
    public string User { get; set; } = "";
    public string Password { get; set; } = "";
    public string Authority { get; set; } = "";

    internal ConnectionDraft Draft => new(Servers.Trim(), Security.Text(), User.Trim(), Password, Authority);
}
