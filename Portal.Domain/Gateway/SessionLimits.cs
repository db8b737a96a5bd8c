using Portal.Domain.Common;
using Portal.Domain.Plans;

namespace Portal.Domain.Gateway;

/// <summary>What an organization's plan, or its own limits, say of its WebSocket clients. Null means no limit.</summary>
/// <param name="Sessions">Open at once, by all keys of the organization together.</param>
/// <param name="MessageBytes">One message as the client sends it.</param>
/// <param name="TooMany">The refusal of one more.</param>
/// <param name="TooLarge">Why a session ends that sent more.</param>
public sealed record SessionLimits(int? Sessions, long? MessageBytes, Problem.OverLimit? TooMany, Problem.OverLimit? TooLarge)
{
    public static SessionLimits None { get; } = new(null, null, null, null);

    public static SessionLimits Of(EffectivePlan plan) =>
        new(
            plan.Limits.WebSocketSessions,
            plan.Limits.WebSocketMessageBytes,
            plan.Limits.WebSocketSessions is { } sessions
                ? GatewayProblems.TooManyOfPlan(
                    plan.Allows(LimitKind.WebSocketSessions),
                    sessions,
                    plan.LiftedBy(LimitKind.WebSocketSessions)
                )
                : null,
            plan.Limits.WebSocketMessageBytes is { } bytes
                ? GatewayProblems.MessageTooLarge(
                    plan.Allows(LimitKind.WebSocketMessageBytes),
                    bytes,
                    plan.LiftedBy(LimitKind.WebSocketMessageBytes)
                )
                : null
        );
}
