using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Portal.Domain.Common;

namespace Portal.Domain.Connectors;

/// <summary>
/// Tells what a file is and what of it can run as a function, by its bytes alone: its name is the customer's to choose.
/// Nothing of it is loaded, unpacked to disk, or run.
/// </summary>
internal static partial class PackageReader
{
    private const int MostClasses = 200,
        LongestClass = 300,
        LargestClassFile = (int)ByteSize.MiB,
        LargestSource = (int)ByteSize.MiB;

    /// <summary>Letters of the names of all classes and of what they extend: the largest jars in use have a tenth of it.</summary>
    private const int MostLetters = 16 * (int)ByteSize.MiB;

    /// <summary>Of what runs beside topics and other systems: that is a connector, which an operator has to allow.</summary>
    private static readonly HashSet<string> ConnectorParts =
    [
        "org/apache/pulsar/io/core/Source",
        "org/apache/pulsar/io/core/Sink",
        "org/apache/pulsar/io/core/BatchSource",
    ];

    private static readonly HashSet<string> PulsarFunctions =
    [
        "org/apache/pulsar/functions/api/Function",
        "org/apache/pulsar/functions/api/WindowFunction",
    ];

    private static readonly HashSet<string> PlainFunctions = ["java/util/function/Function"];

    /// <param name="name">Of the package: what a Python module is called after.</param>
    public static Outcome<PackageContent> Read(Stream file, string name, CancellationToken cancellationToken)
    {
        if (file.Length == 0)
            return new Problem.Invalid("package-empty", "The file is empty. Choose a jar, a Python file, or a Go binary.", "file");
        file.Position = 0;
        Span<byte> start = stackalloc byte[64];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return start is [0x50, 0x4b, 0x03 or 0x05, ..] ? Jar(file, cancellationToken)
            : start is [0x7f, 0x45, 0x4c, 0x46, ..] ? Binary(file, start, cancellationToken)
            : Source(file, name);
    }

    private static Outcome<PackageContent> Jar(Stream file, CancellationToken cancellationToken)
    {
        if (!ZipListing.Read(file).TryGet(out var archive, out var problem))
            return problem;
        if (archive.Entries.Any(entry => entry.Name is "META-INF/services/pulsar-io.yaml" or "META-INF/services/pulsar-io.yml"))
            return Connector();
        if (archive.Entries.Any(entry => entry.Name.StartsWith("META-INF/bundled-dependencies/", StringComparison.Ordinal)))
            return new Problem.Invalid(
                "package-kind-unknown",
                "This is a NAR archive. Build a jar that holds the function and its libraries, and upload that.",
                "file"
            );
        var classes = new Dictionary<string, JavaClass>(StringComparer.Ordinal);
        long letters = 0;
        foreach (var entry in archive.Entries)
        {
            if (entry.IsFolder)
                continue;
            var isClass =
                entry.Name.EndsWith(".class", StringComparison.Ordinal)
                && !entry.Name.StartsWith("META-INF/", StringComparison.Ordinal)
                && entry.Unpacked <= LargestClassFile;
            if (!archive.Unpack(entry, isClass, cancellationToken).TryGet(out var bytes, out problem) && problem is not null)
                return problem;
            // What is named otherwise than its file says can't be loaded.
            if (bytes is null || JavaClass.Read(bytes) is not { } read || $"{read.Name}.class" != entry.Name)
                continue;
            classes[read.Name] = read;
            letters += read.Name.Length + (read.Super?.Length ?? 0) + read.Interfaces.Sum(one => (long)one.Length);
            if (letters > MostLetters)
                return new Problem.Invalid(
                    "package-too-large",
                    "This jar holds too many classes to read. Leave out libraries that the function doesn't need.",
                    "file"
                );
        }
        if (classes.Count == 0)
        {
            return new Problem.Invalid(
                "package-no-function",
                archive.Entries.Any(entry => entry.Name.EndsWith(".py", StringComparison.Ordinal))
                    ? "This archive holds Python files. Upload one .py file: workers don't unpack archives of Python code that "
                        + "come as a package."
                    : "This archive holds no Java classes. Choose the jar that your build makes.",
                "file"
            );
        }
        var below = classes
            .Values.SelectMany(one => one.Interfaces.Append(one.Super).OfType<string>().Select(above => (Above: above, one.Name)))
            .ToLookup(pair => pair.Above, pair => pair.Name, StringComparer.Ordinal);
        var connectors = Below(ConnectorParts, below);
        if (classes.Values.Any(one => one.CanBeMade && connectors.Contains(one.Name)))
            return Connector();
        var (pulsar, plain) = (Below(PulsarFunctions, below), Below(PlainFunctions, below));
        var functions = classes.Values.Where(one => one.CanBeMade && !IsNested(one.Name) && Offered(one.Name)).ToList();
        List<string> found =
        [
            .. functions.Where(one => pulsar.Contains(one.Name)).Select(one => one.Name).Order(StringComparer.Ordinal),
            .. functions
                .Where(one => !pulsar.Contains(one.Name) && plain.Contains(one.Name))
                .Select(one => one.Name)
                .Order(StringComparer.Ordinal),
        ];
        return found.Count == 0
            ? new Problem.Invalid(
                "package-no-function",
                "No class in this jar implements org.apache.pulsar.functions.api.Function or java.util.function.Function. "
                    + "A function's class must be public and have a public constructor without parameters.",
                "file"
            )
            : new PackageContent(PackageRuntime.Java, [.. found.Take(MostClasses).Select(one => one.Replace('/', '.'))]);
    }

    /// <summary>
    /// The names and all that extends or implements them, each visited once: whoever made the jar chose how its classes hang together.
    /// </summary>
    private static HashSet<string> Below(IReadOnlySet<string> names, ILookup<string, string> below)
    {
        var (found, left) = (new HashSet<string>(names, StringComparer.Ordinal), new Stack<string>(names));
        while (left.TryPop(out var name))
            foreach (var one in below[name].Where(found.Add))
                left.Push(one);
        return found;
    }

    /// <summary>An anonymous class or a local one: nobody can name it.</summary>
    private static bool IsNested(string name) => name.Split('$').Skip(1).Any(part => part.Length == 0 || char.IsAsciiDigit(part[0]));

    private static bool Offered(string name) => name.Length <= LongestClass && JavaName().IsMatch(name);

    private static Problem.Invalid Connector() =>
        new(
            "package-is-connector",
            "This archive holds a connector. Only functions can be uploaded; ask your operator to install the connector on the cluster.",
            "file"
        );

    private static Outcome<PackageContent> Binary(Stream file, ReadOnlySpan<byte> start, CancellationToken cancellationToken)
    {
        // 64 bits, little-endian, made to be run (2) or run anywhere in memory (3).
        if (start.Length < 20 || start[4] != 2 || start[5] != 1 || BinaryPrimitives.ReadUInt16LittleEndian(start[16..]) is not (2 or 3))
            return NotGo();
        var platform = BinaryPrimitives.ReadUInt16LittleEndian(start[18..]) switch
        {
            62 => "amd64",
            183 => "arm64",
            _ => null,
        };
        if (platform is null)
            return new Problem.Invalid(
                "package-platform",
                "This binary is built for another processor. Build it with GOOS=linux and GOARCH=amd64 or arm64.",
                "file"
            );
        return HoldsGo(file, cancellationToken) ? new PackageContent(PackageRuntime.Go, [], platform) : NotGo();
    }

    private static Problem.Invalid NotGo() =>
        new(
            "package-kind-unknown",
            "This isn't a Go program for 64-bit Linux. Build it with GOOS=linux go build, without stripping its build information.",
            "file"
        );

    /// <summary>Every Go program has a note of how it was built.</summary>
    private static bool HoldsGo(Stream file, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> mark = " Go buildinf:"u8;
        var buffer = new byte[256 * 1024];
        var kept = 0;
        file.Position = 0;
        for (int read; (read = file.Read(buffer, kept, buffer.Length - kept)) > 0; )
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (buffer.AsSpan(0, kept + read).IndexOf(mark) >= 0)
                return true;
            var rest = Math.Min(mark.Length, kept + read);
            buffer.AsSpan(kept + read - rest, rest).CopyTo(buffer);
            kept = rest;
        }
        return false;
    }

    private static Outcome<PackageContent> Source(Stream file, string name)
    {
        var unknown = new Problem.Invalid(
            "package-kind-unknown",
            "We can't tell what this file is. Choose a jar, a Python file in UTF-8, or a Go binary for Linux.",
            "file"
        );
        if (file.Length > LargestSource)
            return unknown;
        var bytes = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(bytes);
        if (bytes.AsSpan().Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(bytes))
            return unknown;
        var source = Encoding.UTF8.GetString(
            bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(Encoding.UTF8.Preamble.Length) : bytes
        );
        // A worker calls the file after the module in front of the class.
        var module = ModuleOf(name);
        List<string> found =
        [
            .. PythonClass()
                .Matches(source)
                .Where(match => match.Groups["bases"].Value.Split(',').Any(part => part.Trim().Split('.')[^1] == "Function"))
                .Select(match => match.Groups["name"].Value),
            .. PythonFunction().Matches(source).Select(match => match.Groups["name"].Value),
        ];
        return found.Count == 0
            ? new Problem.Invalid(
                "package-no-function",
                "This file has no function that Pulsar could run: neither a Python class that extends Function, nor a Python "
                    + "function with one parameter, such as def process(input).",
                "file"
            )
            : new PackageContent(
                PackageRuntime.Python,
                [.. found.Distinct(StringComparer.Ordinal).Take(MostClasses).Select(one => $"{module}.{one}")]
            );
    }

    /// <summary>
    /// With a prefix: a module called <c>json</c>, <c>pulsar</c> or <c>class</c> would be Python's own, the client's, or none.
    /// </summary>
    private static string ModuleOf(string name) =>
        $"f_{string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'))}";

    [GeneratedRegex(@"^[A-Za-z_$][\w$]*(/[A-Za-z_$][\w$]*)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex JavaName();

    [GeneratedRegex(
        @"^class[ \t]+(?<name>[A-Za-z][A-Za-z0-9_]{0,99})[ \t]*\((?<bases>[A-Za-z0-9_.,= \t\r\n]*)\)[ \t]*:",
        RegexOptions.Multiline | RegexOptions.NonBacktracking
    )]
    private static partial Regex PythonClass();

    [GeneratedRegex(
        @"^def[ \t]+(?<name>[A-Za-z][A-Za-z0-9_]{0,99})[ \t]*\([ \t]*[A-Za-z_][A-Za-z0-9_]*[ \t]*(:([^,)=\[\]\n]|\[([^\[\]\n]|\[[^\[\]\n]*\])*\])*)?,?[ \t]*\)[^\n]*:",
        RegexOptions.Multiline | RegexOptions.NonBacktracking
    )]
    private static partial Regex PythonFunction();
}
