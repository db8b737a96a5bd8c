using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

/// <summary>How far sending back is, in a sentence.</summary>
public static class SendBackText
{
    public static string Of(SendBackStanding one)
    {
        var of = one is { IsSelection: true, Total: > 0 } && one.State != SendBackState.Done ? $" of {one.Total:N0}" : "";
        var sent =
            one.Sent == 0 && one.State == SendBackState.Done
                ? "There was nothing to send back."
                : $"{one.Sent:N0}{of} {(one.Sent == 1 && of.Length == 0 ? "message" : "messages")} sent back.";
        var left =
            one.Left == 0
                ? ""
                : $" {Counted.Of(one.Left, "message")} couldn't be sent from here: "
                    + $"larger than 750 KiB, without a value, or no longer stored. Send {(one.Left == 1 ? "it" : "them")} with a client.";
        return sent + left;
    }
}
