using Portal.Domain.Billing;

namespace Portal.Features.Billing;

/// <summary>Credits in words.</summary>
internal static class CreditWords
{
    internal static string Of(CreditMove move) =>
        move switch
        {
            CreditMove.Grant => "Granted",
            CreditMove.Use => "Used",
            CreditMove.Expire => "Expired",
            CreditMove.Withdraw => "Withdrawn",
            _ => throw new InvalidOperationException($"{move} has no words."),
        };

    internal static string Of(CreditKind kind) => kind == CreditKind.Bought ? "bought" : "promised";
}
