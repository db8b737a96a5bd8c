namespace Portal.Domain.Notices;

/// <summary>Kinds of notifications in words.</summary>
public static class NoticeWords
{
    public static string Of(NoticeKind kind) =>
        kind switch
        {
            NoticeKind.Failed => "Failures",
            NoticeKind.Finished => "Finished jobs",
            NoticeKind.Invoice => "Invoices",
            NoticeKind.Budget => "Budgets",
            NoticeKind.KeyEnding => "Expiring keys",
            _ => "Incidents",
        };

    /// <summary>As the API and addresses write it.</summary>
    public static string Code(NoticeKind kind) => char.ToLowerInvariant($"{kind}"[0]) + $"{kind}"[1..];

    public static NoticeKind? Parse(string? code) =>
        Enum.GetValues<NoticeKind>().Cast<NoticeKind?>().FirstOrDefault(kind => Code(kind!.Value) == code);
}
