using Portal.Domain.Common;

namespace Portal.Ui;

/// <summary>The columns that a phone has no room for, in one line: <c>18.2 GiB stored · $61.07</c>.</summary>
public static class FigureWords
{
    public static string Of(long? stored, Money? cost) =>
        string.Join(
            " · ",
            new[]
            {
                stored is { } bytes ? $"{ByteSize.Text(bytes)} stored" : null,
                cost is { } amount ? MoneyFormat.Text(amount) : null,
            }.Where(words => words is not null)
        );
}
