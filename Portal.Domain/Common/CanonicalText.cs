using System.Globalization;
using System.Text;

namespace Portal.Domain.Common;

/// <summary>
/// Unicode's composed form (NFC), in which texts that look and mean the same are the same: an é in one character, and an e
/// with an accent after it. The framework's own does nothing here, since the portal runs without ICU
/// (<c>InvariantGlobalization</c>).
/// </summary>
public static class CanonicalText
{
    private const int HangulBase = 0xAC00,
        LeadBase = 0x1100,
        VowelBase = 0x1161,
        TailBase = 0x11A7,
        Leads = 19,
        Vowels = 21,
        Tails = 28;

    /// <summary>Below it every text is composed already.</summary>
    private const char FirstCombining = '\u0300';

    private static readonly Lazy<Tables> Known = new(Tables.Read);

    /// <summary>The composed form; a text with half of a surrogate pair is none, and stays as it is.</summary>
    public static string Compose(string text)
    {
        if (text.AsSpan().IndexOfAnyInRange(FirstCombining, char.MaxValue) < 0)
            return text;
        List<(int Point, int Class)> points = [];
        for (var index = 0; index < text.Length; )
        {
            if (!Rune.TryGetRuneAt(text, index, out var rune))
                return text;
            Decompose(rune.Value, points);
            index += rune.Utf16SequenceLength;
        }
        Order(points);
        return Join(points);
    }

    /// <summary>Letters without their marks: <c>Núñez</c> becomes <c>Nunez</c>. What is no Latin letter stays.</summary>
    public static string WithoutMarks(string text)
    {
        if (System.Text.Ascii.IsValid(text))
            return text;
        List<(int Point, int Class)> points = [];
        for (var index = 0; index < text.Length; )
        {
            if (!Rune.TryGetRuneAt(text, index, out var rune))
                return text;
            Decompose(rune.Value, points);
            index += rune.Utf16SequenceLength;
        }
        return string.Concat(
            points
                .Where(point => point.Class == 0)
                .Select(point => Spelled.GetValueOrDefault(point.Point) ?? new Rune(point.Point).ToString())
        );
    }

    /// <summary>Latin letters that are no letter with a mark.</summary>
    private static readonly Dictionary<int, string> Spelled = new()
    {
        ['ß'] = "ss",
        ['ẞ'] = "SS",
        ['æ'] = "ae",
        ['Æ'] = "AE",
        ['œ'] = "oe",
        ['Œ'] = "OE",
        ['ø'] = "o",
        ['Ø'] = "O",
        ['đ'] = "d",
        ['Đ'] = "D",
        ['ð'] = "d",
        ['Ð'] = "D",
        ['þ'] = "th",
        ['Þ'] = "TH",
        ['ł'] = "l",
        ['Ł'] = "L",
        ['ħ'] = "h",
        ['Ħ'] = "H",
        ['ı'] = "i",
    };

    private static void Decompose(int point, List<(int Point, int Class)> into)
    {
        if (point is >= HangulBase and < HangulBase + Leads * Vowels * Tails)
        {
            var syllable = point - HangulBase;
            into.Add((LeadBase + syllable / (Vowels * Tails), 0));
            into.Add((VowelBase + syllable % (Vowels * Tails) / Tails, 0));
            if (syllable % Tails is > 0 and var tail)
                into.Add((TailBase + tail, 0));
        }
        else if (Known.Value.Parts.TryGetValue(point, out var parts))
        {
            foreach (var part in parts)
                Decompose(part, into);
        }
        else
        {
            into.Add((point, Known.Value.Classes.GetValueOrDefault(point)));
        }
    }

    /// <summary>Marks on one character, sorted by class; those of the same class keep their order.</summary>
    private static void Order(List<(int Point, int Class)> points)
    {
        for (var index = 1; index < points.Count; index++)
        {
            for (var at = index; at > 0 && points[at].Class > 0 && points[at - 1].Class > points[at].Class; at--)
                (points[at], points[at - 1]) = (points[at - 1], points[at]);
        }
    }

    private static string Join(List<(int Point, int Class)> points)
    {
        List<int> composed = [];
        var (starter, lastClass) = (-1, -1);
        foreach (var (point, @class) in points)
        {
            // A mark reaches its character past marks of lower classes only.
            if (starter >= 0 && lastClass < @class && Pair(composed[starter], point) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }
            (starter, lastClass) = @class == 0 ? (composed.Count, -1) : (starter, @class);
            composed.Add(point);
        }
        var text = new StringBuilder(composed.Count);
        foreach (var point in composed)
            text.Append(new Rune(point));
        return text.ToString();
    }

    private static int? Pair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + Leads && second is >= VowelBase and < VowelBase + Vowels)
            return HangulBase + ((first - LeadBase) * Vowels + second - VowelBase) * Tails;
        if (
            first is >= HangulBase and < HangulBase + Leads * Vowels * Tails
            && (first - HangulBase) % Tails == 0
            && second is > TailBase and < TailBase + Tails
        )
            return first + second - TailBase;
        return Known.Value.Wholes.TryGetValue((first, second), out var whole) ? whole : null;
    }

    /// <summary>From <c>canonical.txt</c>, which says how it is made.</summary>
    private sealed class Tables
    {
        public Dictionary<int, int> Classes { get; } = [];

        public Dictionary<int, int[]> Parts { get; } = [];

        public Dictionary<(int First, int Second), int> Wholes { get; } = [];

        public static Tables Read()
        {
            var tables = new Tables();
            using var stream = typeof(CanonicalText).Assembly.GetManifestResourceStream("Portal.Domain.Common.canonical.txt")!;
            using var reader = new StreamReader(stream);
            while (reader.ReadLine() is { } line)
            {
                if (line.Split(' ') is not [("c" or "d" or "x") and var kind, var first, .. var rest])
                    continue;
                if (kind == "c")
                {
                    for (var point = Hex(rest[0]); point <= Hex(rest[1]); point++)
                        tables.Classes[point] = int.Parse(first, CultureInfo.InvariantCulture);
                    continue;
                }
                var parts = rest.Select(Hex).ToArray();
                tables.Parts[Hex(first)] = parts;
                if (kind == "d")
                    tables.Wholes[(parts[0], parts[1])] = Hex(first);
            }
            return tables;
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
