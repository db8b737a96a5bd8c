using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Portal.Tests.Support.Fakes;

/// <summary>Files that people upload as packages, made without a compiler.</summary>
public static class Archives
{
    /// <summary>A Java class; names have slashes.</summary>
    public sealed record Class(
        string Name,
        string Super = "java/lang/Object",
        string[]? Interfaces = null,
        bool IsPublic = true,
        bool IsAbstract = false,
        bool HasConstructor = true
    );

    public static byte[] Jar(params Class[] classes) => Zip([.. classes.Select(one => ($"{one.Name}.class", ClassFile(one)))]);

    public static byte[] Zip(params (string Name, byte[] Bytes)[] files)
    {
        using var made = new MemoryStream();
        using (var archive = new ZipArchive(made, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return made.ToArray();
    }

    public static byte[] ClassFile(Class one)
    {
        var constants = new List<byte[]>();
        int Text(string text) => Add([1, .. Two(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)]);
        int Named(string name) => Add([7, .. Two(Text(name))]);
        int Add(byte[] constant)
        {
            constants.Add(constant);
            return constants.Count;
        }
        var (self, super) = (Named(one.Name), Named(one.Super));
        var interfaces = (one.Interfaces ?? []).Select(Named).ToList();
        var (constructor, plain, field, code) = (Text("<init>"), Text("()V"), Text("count"), Text("Code"));
        Add([6, 0, 0, 0, 0, 0, 0, 0, 1]);
        constants.Add([]); // a number of 64 bits takes two places
        byte[] body =
        [
            .. Two((one.IsPublic ? 1 : 0) | (one.IsAbstract ? 0x400 : 0) | 0x20),
            .. Two(self),
            .. Two(super),
            .. Two(interfaces.Count),
            .. interfaces.SelectMany(Two),
            .. Two(1),
            .. Two(2),
            .. Two(field),
            .. Two(plain),
            .. Two(0),
            .. Two(1),
            .. Two(one.HasConstructor ? 1 : 2),
            .. Two(constructor),
            .. Two(plain),
            .. Two(1),
            .. Two(code),
            0,
            0,
            0,
            2,
            0,
            0,
            .. Two(0),
        ];
        return [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61, .. Two(constants.Count + 1), .. constants.SelectMany(constant => constant), .. body];
    }

    /// <param name="machine">As ELF numbers them: 62 for x86-64, 183 for ARM.</param>
    public static byte[] Binary(ushort machine, bool isGo = true)
    {
        var bytes = new byte[700_000];
        new byte[] { 0x7f, 0x45, 0x4c, 0x46, 2, 1, 1 }.CopyTo(bytes, 0);
        (bytes[16], bytes[500_000]) = (2, 0xff);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), machine);
        // Across the end of what is read at once.
        if (isGo)
            " Go buildinf:"u8.CopyTo(bytes.AsSpan(256 * 1024 - 5));
        return bytes;
    }

    private static byte[] Two(int number) => [(byte)((number >> 8) & 0xff), (byte)(number & 0xff)];
}
