using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Domain.Connectors;

public sealed class PackageReaderTests
{
    private const string PulsarFunction = "org/apache/pulsar/functions/api/Function",
        PlainFunction = "java/util/function/Function";

    [Fact]
    public void The_classes_of_a_jar_that_can_run_are_offered_Pulsars_own_kind_first()
    {
        var jar = Archives.Jar(
            new("com/acme/Shout", Interfaces: [PlainFunction]),
            new("com/acme/Enrich", Interfaces: [PulsarFunction]),
            new("com/acme/Base", Interfaces: [PulsarFunction], IsAbstract: true),
            new("com/acme/Late", Super: "com/acme/Base"),
            new("com/acme/Hidden", Interfaces: [PulsarFunction], IsPublic: false),
            new("com/acme/Picky", Interfaces: [PulsarFunction], HasConstructor: false),
            new("com/acme/Enrich$1", Interfaces: [PlainFunction]),
            new("com/acme/Enrich$Inner", Interfaces: [PlainFunction]),
            new("com/acme/Other", Interfaces: ["java/lang/Runnable"]),
            new("com/acme/Loop", Super: "com/acme/Loop")
        );
        var holds = Read(jar).Value;
        Assert.Equal(PackageRuntime.Java, holds.Runtime);
        Assert.Equal(["com.acme.Enrich", "com.acme.Late", "com.acme.Enrich$Inner", "com.acme.Shout"], holds.Classes);
    }

    [Fact]
    public void Classes_that_all_name_each_other_are_walked_once()
    {
        var names = Enumerable.Range(0, 500).Select(number => $"a/C{number}").ToArray();
        var jar = Archives.Jar([
            .. names.Select(name => new Archives.Class(name, Interfaces: names)),
            new("a/Run", Interfaces: [names[0]]),
            new("a/Top", Interfaces: [PulsarFunction]),
        ]);
        Assert.Equal(["a.Top"], Read(jar).Value.Classes);
    }

    [Fact]
    public void A_class_that_points_to_one_long_name_very_often_is_no_class()
    {
        var longName = new string('x', 60_000);
        Assert.Null(JavaClass.Read(Archives.ClassFile(new("a/B", Interfaces: [.. Enumerable.Repeat("a/C", 1_001)]))));
        Assert.Empty(JavaClass.Read(Archives.ClassFile(new("a/B", Interfaces: [longName])))!.Interfaces);
        Assert.Null(JavaClass.Read(Archives.ClassFile(new(longName))));
    }

    [Fact]
    public void What_is_no_function_says_what_it_is_instead()
    {
        Assert.Equal("package-empty", Code([]));
        Assert.Equal("package-no-function", Code(Archives.Jar(new Archives.Class("com/acme/Other", Interfaces: ["java/lang/Runnable"]))));
        Assert.Equal("package-is-connector", Code(Archives.Zip(("META-INF/services/pulsar-io.yaml", "name: x"u8.ToArray()))));
        Assert.Equal(
            "package-is-connector",
            Code(
                Archives.Jar(
                    new("com/acme/Fine", Interfaces: [PulsarFunction]),
                    new("com/acme/Hook", Interfaces: ["org/apache/pulsar/io/core/Sink"])
                )
            )
        );
        Assert.Equal("package-kind-unknown", Code(Archives.Zip(("META-INF/bundled-dependencies/a.jar", [1]))));
        Assert.Contains("Upload one .py file", Read(Archives.Zip(("main.py", "x"u8.ToArray()))).Problem!.Message, StringComparison.Ordinal);
        Assert.Equal("package-kind-unknown", Code([0, 1, 2, 3]));
        Assert.Equal("package-kind-unknown", Code(new byte[2_000_000]));
        // A class under the name of another one can't be loaded.
        Assert.Equal(
            "package-no-function",
            Code(Archives.Zip(("com/acme/Else.class", Archives.ClassFile(new("com/acme/Shout", Interfaces: [PlainFunction])))))
        );
    }

    [
        Theory,
        InlineData("../../etc/passwd"),
        InlineData("/etc/passwd"),
        InlineData("a/../../b"),
        InlineData("a\\..\\b"),
        InlineData("C:/b"),
        InlineData("a\nb")
    ]
    public void A_name_that_leads_out_of_the_archive_is_refused(string name) =>
        Assert.Equal("package-archive-path", Code(Archives.Zip((name, [1]))));

    [Fact]
    public void An_archive_that_unpacks_to_more_than_it_says_is_refused()
    {
        var honest = Archives.Zip(("big.bin", new byte[4_000_000]));
        Assert.Equal("package-no-function", Code(honest));
        var table = honest.AsSpan().LastIndexOf("PK\x01\x02"u8);
        var lies = honest.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(lies.AsSpan(table + 24), 10);
        Assert.Equal("package-archive-large", Code(lies));
        var boasts = honest.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(boasts.AsSpan(table + 24), uint.MaxValue);
        Assert.Equal("package-archive-large", Code(boasts));
        // Files that lie over each other.
        var overlaps = honest.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(overlaps.AsSpan(table + 20), (uint)honest.Length + 1);
        Assert.Equal("package-archive-large", Code(overlaps));
    }

    [Fact]
    public void An_archive_with_too_many_files_or_a_damaged_table_is_refused_before_it_is_followed()
    {
        var jar = Archives.Jar(new Archives.Class("com/acme/Shout", Interfaces: [PlainFunction]));
        var end = jar.Length - 22;
        Assert.Equal("package-archive-large", Code(Changed(jar, end + 10, 60_000)));
        Assert.Equal("package-archive-large", Code(Changed(jar, end + 10, 0xFFFF)));
        Assert.Equal("package-archive-broken", Code(Changed(jar, end + 10, 7)));
        Assert.Equal("package-archive-broken", Code(jar[..^5]));
        var table = jar.AsSpan().LastIndexOf("PK\x01\x02"u8);
        // Encrypted, and packed in a way that nobody reads.
        Assert.Equal("package-archive-broken", Code(Changed(jar, table + 8, 1)));
        Assert.Equal("package-archive-broken", Code(Changed(jar, table + 10, 93)));
        Assert.Equal("package-archive-broken", Code(Archives.Zip(("a.class", [1]), ("a.class", [2]))));
    }

    [Fact]
    public void Bytes_that_were_changed_anywhere_are_read_or_refused_and_nothing_else()
    {
        var jar = Archives.Jar(
            new("com/acme/Shout", Interfaces: [PlainFunction]),
            new("com/acme/Base", Interfaces: [PulsarFunction], IsAbstract: true),
            new("com/acme/Late", Super: "com/acme/Base")
        );
        var random = new Random(5);
        for (var run = 0; run < 3_000; run++)
        {
            var bytes = jar.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(5) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            var read = Read(bytes);
            Assert.True(read.IsOk || read.Problem is Problem.Invalid, $"run {run}");
            var file = Archives.ClassFile(new("com/acme/Shout", Interfaces: [PlainFunction]));
            file[random.Next(file.Length)] = (byte)random.Next(256);
            JavaClass.Read(file.AsSpan(0, random.Next(file.Length)));
        }
    }

    [Fact]
    public void A_Python_file_offers_its_functions_under_the_module_that_a_worker_gives_it()
    {
        const string Source = """
            from pulsar import Function
            class Up(Function):
                def process(self, input, context):
                    return input.upper()
            class Other(object):
                pass
            class Down(pulsar.Function):
                pass
            class Wide(
                    Function,
                    metaclass=Meta):
                pass
            def process(input: str) -> str:
                return input
            def typed(input: dict[str, list[int]]) -> None:
                return None
            def _hidden(input):
                return input
            def two(a, b):
                return a
            """;
        var holds = Read(Encoding.UTF8.GetBytes(Source), "up-case.v2").Value;
        Assert.Equal(PackageRuntime.Python, holds.Runtime);
        Assert.Equal(
            ["f_up_case_v2.Up", "f_up_case_v2.Down", "f_up_case_v2.Wide", "f_up_case_v2.process", "f_up_case_v2.typed"],
            holds.Classes
        );
        Assert.Equal(
            ["f_json.process"],
            Read([.. Encoding.UTF8.Preamble, .. "def process(input):\n    return input\n"u8], "json").Value.Classes
        );
        Assert.Equal("package-no-function", Code("print('hello')\n"u8.ToArray()));
        Assert.Equal("package-no-function", Code("<html><body>404</body></html>"u8.ToArray()));
    }

    [Fact]
    public void A_Go_binary_is_told_by_its_note_and_its_platform()
    {
        Assert.Equal("amd64", Read(Archives.Binary(62)).Value.Platform);
        Assert.Equal((PackageRuntime.Go, 0), (Read(Archives.Binary(183)).Value.Runtime, Read(Archives.Binary(183)).Value.Classes.Count));
        Assert.Equal("package-platform", Code(Archives.Binary(40)));
        Assert.Equal("package-kind-unknown", Code(Archives.Binary(62, isGo: false)));
        Assert.Equal("package-kind-unknown", Code(Archives.Binary(62)[..18]));
    }

    private static byte[] Changed(byte[] archive, int at, ushort value)
    {
        var changed = archive.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(at), value);
        return changed;
    }

    private static Outcome<PackageContent> Read(byte[] file, string name = "shout") =>
        PackageReader.Read(new MemoryStream(file), name, CancellationToken.None);

    private static string? Code(byte[] file) => Read(file).Problem?.Code;
}
