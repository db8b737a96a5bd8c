using System.Buffers.Binary;
using System.Text;

namespace Portal.Domain.Connectors;

/// <summary>What a class file says of its class. It is read as bytes and never loaded.</summary>
/// <param name="Name">With slashes, as everything here.</param>
/// <param name="CanBeMade">Public, no interface, not abstract, with a public constructor that takes nothing: what a worker can make an
/// instance of.</param>
internal sealed record JavaClass(string Name, string? Super, IReadOnlyList<string> Interfaces, bool CanBeMade)
{
    /// <summary>
    /// Beyond these it is no class that a compiler made; a small file may point to one long name tens of thousands of times.
    /// </summary>
    private const int LongestName = 1_000,
        MostInterfaces = 1_000;

    private const int Public = 0x0001,
        Interface = 0x0200,
        Abstract = 0x0400;

    /// <summary>Null for what is no class file.</summary>
    public static JavaClass? Read(ReadOnlySpan<byte> file)
    {
        try
        {
            return new Reader(file).Read();
        }
        catch (Exception broken) when (broken is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private ref struct Reader(ReadOnlySpan<byte> file)
    {
        private readonly ReadOnlySpan<byte> _file = file;
        private int _at;
        private (int At, int Length)[] _texts = [];
        private int[] _classes = [];
        private string?[] _names = [];

        public JavaClass? Read()
        {
            if (_file.Length < 10 || Number() != 0xCAFEBABE)
                return null;
            _at += 4;
            ReadConstants();
            var access = Short();
            if (Class(Short()) is not { } name)
                return null;
            var super = Class(Short());
            var interfaces = new List<string>();
            int count = Short();
            if (count > MostInterfaces)
                return null;
            for (; count > 0; count--)
            {
                if (Class(Short()) is { } one)
                    interfaces.Add(one);
            }
            SkipMembers();
            var canBeMade = (access & (Public | Interface | Abstract)) == Public && HasPlainConstructor();
            return new(name, super, interfaces, canBeMade);
        }

        private void ReadConstants()
        {
            int count = Short();
            (_texts, _classes, _names) = (new (int, int)[count], new int[count], new string?[count]);
            for (var index = 1; index < count; index++)
            {
                int tag = _file[_at++];
                switch (tag)
                {
                    case 1:
                        int length = Short();
                        _texts[index] = (_at, length);
                        _at += length;
                        break;
                    case 7:
                        _classes[index] = Short();
                        break;
                    case 8 or 16 or 19 or 20:
                        _at += 2;
                        break;
                    case 15:
                        _at += 3;
                        break;
                    case 5 or 6:
                        // Takes two places.
                        _at += 8;
                        index++;
                        break;
                    case 3 or 4 or 9 or 10 or 11 or 12 or 17 or 18:
                        _at += 4;
                        break;
                    default:
                        throw new ArgumentOutOfRangeException(nameof(tag));
                }
            }
        }

        private bool HasPlainConstructor()
        {
            var found = false;
            for (int left = Short(); left > 0; left--)
            {
                int access = Short();
                var (name, parameters) = (Short(), Short());
                found |= (access & Public) != 0 && Is(name, "<init>"u8) && Is(parameters, "()V"u8);
                SkipAttributes();
            }
            return found;
        }

        private void SkipMembers()
        {
            for (int left = Short(); left > 0; left--)
            {
                _at += 6;
                SkipAttributes();
            }
        }

        private void SkipAttributes()
        {
            for (int left = Short(); left > 0; left--)
            {
                _at += 2;
                var length = Number();
                if (length > _file.Length)
                    throw new ArgumentOutOfRangeException(nameof(length));
                _at += (int)length;
            }
        }

        private readonly string? Class(int index) => index == 0 ? null : Name(_classes[index]);

        /// <summary>Made once, however often the file points to it. Null for what is too long to be one.</summary>
        private readonly string? Name(int index) =>
            _names[index] ??= _texts[index] is { At: > 0, Length: <= LongestName } text
                ? Encoding.UTF8.GetString(_file.Slice(text.At, text.Length))
                : null;

        private readonly bool Is(int index, ReadOnlySpan<byte> expected) =>
            _texts[index] is { At: > 0 } text && _file.Slice(text.At, text.Length).SequenceEqual(expected);

        private int Short()
        {
            var value = BinaryPrimitives.ReadUInt16BigEndian(_file[_at..]);
            _at += 2;
            return value;
        }

        private uint Number()
        {
            var value = BinaryPrimitives.ReadUInt32BigEndian(_file[_at..]);
            _at += 4;
            return value;
        }
    }
}
