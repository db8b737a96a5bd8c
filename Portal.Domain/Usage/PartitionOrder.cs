namespace Portal.Domain.Usage;

/// <summary>
/// The order of partition names in every ledger: by their UTF-8 bytes, as databases sort text without a language. It
/// differs from ordinal order only above U+D800, where a pair of surrogates stands for what comes after U+FFFF.
/// </summary>
public sealed class PartitionOrder : IComparer<string>
{
    public static PartitionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        ReadOnlySpan<char> left = x,
            right = y;
        var same = left.CommonPrefixLength(right);
        return same == left.Length || same == right.Length
            ? left.Length.CompareTo(right.Length)
            : Rank(left[same]).CompareTo(Rank(right[same]));
    }

    private static int Rank(char unit) =>
        unit < 0xD800 ? unit
        : char.IsSurrogate(unit) ? unit + 0x2000
        : unit - 0x800;
}
