namespace Portal.Domain.Access;

/// <summary>The plans; written <c>free</c>, <c>payg</c>, <c>dedicated</c>.</summary>
public enum PlanCode
{
    Free,
    Payg,
    Dedicated,
}
