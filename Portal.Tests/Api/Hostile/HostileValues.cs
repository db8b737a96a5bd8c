using System.Text;
using System.Text.Json;

namespace Portal.Tests.Api.Hostile;

/// <summary>What somebody sends who means harm, or whose program is broken. Seeded: the same seed sends the same.</summary>
internal sealed class HostileValues(int seed)
{
    /// <summary>In what would run as script. An answer in HTML that holds it unescaped has echoed it.</summary>
    public const string Marker = "<xss-7f3a";

    /// <summary>For each form and endpoint; set PORTAL_HOSTILE_INPUTS to a thousand for a longer search.</summary>
    public static int Inputs { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("PORTAL_HOSTILE_INPUTS"), out var inputs) ? inputs : 120;

    private static readonly string[] Fixed =
    [
        "",
        " ",
        "\t",
        "\0",
        "a\0b",
        "\u0001\u0002\u001f",
        "\u007f\u0085\u009f",
        "line\r\nbreak",
        "Header: x\r\nSet-Cookie: a=b",
        "\ud800",
        "\udc00x",
        "x\ud83d",
        "\uffff\ufffe",
        "\u202eevil\u202c",
        "\u200f\u200e",
        "\u200b\u200c\u200d\ufeff",
        "\u2028\u2029",
        "e\u0301\u0301\u0301\u0301",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "ﷺ",
        "ＡＢＣ",
        "İstanbul",
        "ß",
        "'",
        "\"",
        "' OR '1'='1",
        "'; DROP TABLE organizations; --",
        "1; SELECT pg_sleep(9)",
        "%",
        "_",
        "%_%",
        "\\",
        "\\'",
        "x' UNION SELECT NULL--",
        "$1",
        "@p0",
        "{0}",
        "{{7*7}}",
        "${7*7}",
        "%s%n%x",
        Marker + ">",
        $"\"><script>alert(1)</script>{Marker}>",
        $"<img src=x onerror=alert(1)>{Marker}>",
        $"<svg/onload=alert(1)>{Marker}>",
        "javascript:alert(1)",
        "data:text/html,<b>",
        "&lt;script&gt;",
        "]]>",
        "..",
        ".",
        "../../../etc/passwd",
        "..\\..\\windows",
        "/etc/passwd",
        "//evil.example",
        "\\\\host\\share",
        "C:\\x",
        "file:///etc/passwd",
        "%2e%2e%2f",
        "%252e%252e%252f",
        "..;/",
        "shop/../office",
        "shop%2fproduction",
        "con",
        "nul",
        "__proto__",
        "constructor",
        "null",
        "undefined",
        "true",
        "NaN",
        "Infinity",
        "-Infinity",
        "-0",
        "-1",
        "0",
        "1e400",
        "1e-400",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "2147483648",
        "999999999999999999999999999999",
        "0x10",
        "1_000",
        "١٢٣",
        "0000-00-00",
        "9999-12-31T23:59:59.9999999Z",
        "9999-12-31T23:59:59.9999999-14:00",
        "0001-01-01T00:00:00+14:00",
        "2026-02-30T00:00:00Z",
        "2026-13",
        "0000-01",
        "9999-12",
        "2026-11-26",
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "not-a-uuid",
        "*",
        "a*b",
        "__change_events",
        "orders-partition-0",
        "persistent://public/default/x",
        "public",
        "pulsar",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:1/",
        "ldap://x",
        "(()=>{})()",
        "() { :; }; echo x",
        "|cat /etc/passwd",
        "`id`",
        "$(id)",
        "=1+1",
        "@SUM(1)",
        "user@",
        "@example.com",
        "a@b@c",
        "a b@example.com",
        "\"a b\"@example.com",
        "a@[127.0.0.1]",
        "eyJhbGciOiJub25lIn0.e30.",
        "earliest",
        "latest",
        "18446744073709551616:0:-1",
        "-1:-1",
        "AAAA====",
        "=",
        "WyJhdWRpdCIsIngiLCJ5Il0",
    ];

    private readonly Random _random = new(seed);

    public int Next(int below) => _random.Next(below);

    public string Text() =>
        _random.Next(6) switch
        {
            0 => new string((char)_random.Next(32, 0x3000), _random.Next(200, 9000)),
            1 => Pick() + Pick(),
            2 => Garbage(_random.Next(1, 80)),
            _ => Pick(),
        };

    /// <summary>Anything that JSON can say in place of a field, as it is written.</summary>
    public string Json() =>
        _random.Next(10) switch
        {
            0 => Pick2("{}", "{\"a\":null}", "{\"\":null,\"b\":\"c\"}"),
            1 => Pick2("[]", "[null]", "[\"a\",null]", "[{},null]"),
            2 => Pick2("[null,[[]],{\"a\":1}]", "\"\\ud800\"", "{\"a\":\"\\udc00x\"}", "{\"\\ud83d\":1}"),
            3 => _random.Next(2) == 0 ? "true" : "null",
            4 => Pick2(
                "-1",
                "0",
                "1.5",
                "1e400",
                "9223372036854775808",
                "2147483648",
                "-2147483649",
                "0.1e-99",
                "123456789012345678901234567890"
            ),
            5 => $"{{\"a\":{Quoted(Text())}}}",
            6 => $"[{string.Join(',', Enumerable.Range(0, _random.Next(1, 60)).Select(_ => Quoted(Pick())))}]",
            _ => Quoted(Text()),
        };

    /// <summary>A whole body: no JSON, other JSON, too deep, too large, or with a field twice.</summary>
    public byte[] Body(IReadOnlyList<string> fields) =>
        _random.Next(13) switch
        {
            0 => [],
            1 => " "u8.ToArray(),
            2 => "null"u8.ToArray(),
            3 => "[]"u8.ToArray(),
            4 => "\"text\""u8.ToArray(),
            5 => "{\"name\": "u8.ToArray(),
            6 => Encoding.UTF8.GetBytes(new string('[', _random.Next(100, 20_000))),
            7 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 5_000)) + "1" + new string('}', 5_000)),
            8 => [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00],
            9 => [0xef, 0xbb, 0xbf, .. "{}"u8],
            10 => [.. "{\"name\":\""u8, 0xc3, 0x28, 0xed, 0xa0, 0x80, .. "\"}"u8],
            11 => Encoding.UTF8.GetBytes($"{{\"{Field(fields)}\":{Quoted(new string('x', 200_000))}}}"),
            _ => Encoding.UTF8.GetBytes($"{{\"{Field(fields)}\":{Json()},\"{Field(fields)}\":{Json()},\"{Field(fields)}\":{Json()}}}"),
        };

    public string ContentType() =>
        Pick2(
            "application/json",
            "application/json",
            "application/json",
            "application/json; charset=utf-8",
            "application/json; charset=utf-16",
            "application/json; charset=nonsense",
            "text/plain",
            "text/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/octet-stream",
            "application/problem+json",
            "nonsense",
            ""
        );

    /// <summary>For the path of an address. The server itself refuses U+0000 there, before the portal sees it.</summary>
    public string Segment() => Escaped().Replace("%00", "%01", StringComparison.Ordinal);

    /// <summary>For an address: escaped as it should be, escaped twice, or no UTF-8 at all.</summary>
    public string Escaped()
    {
        var text = Text();
        if (text.Length > 1500)
            text = text[..1500];
        return _random.Next(8) switch
        {
            0 => "%00",
            1 => "%ED%A0%80",
            2 => "%C3%28",
            3 => "%2e%2e%2f%2e%2e%2fetc",
            4 => Uri.EscapeDataString(Uri.EscapeDataString(Whole(text))),
            _ => Uri.EscapeDataString(Whole(text)),
        };
    }

    public static string Quoted(string text)
    {
        // Lone halves of surrogate pairs can be written in JSON only as escapes, which a serializer does not do.
        var quoted = new StringBuilder("\"");
        foreach (var one in text)
            quoted.Append(
                char.IsSurrogate(one) || char.IsControl(one) ? $"\\u{(int)one:x4}"
                : one is '"' or '\\' ? $"\\{one}"
                : one.ToString()
            );
        return quoted.Append('"').ToString();
    }

    private static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private string Pick() => Fixed[_random.Next(Fixed.Length)];

    private string Pick2(params string[] texts) => texts[_random.Next(texts.Length)];

    private string Field(IReadOnlyList<string> fields) =>
        fields.Count == 0 ? "name" : JsonEncodedText.Encode(fields[_random.Next(fields.Count)]).ToString();

    private string Garbage(int length) =>
        string.Create(
            length,
            _random,
            (span, random) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = (char)random.Next(0x10000);
            }
        );
}
