namespace Portal.Domain.Topics;

/// <summary>A type of an Avro definition, by which values are written and read. A record may hold itself.</summary>
public abstract class AvroType
{
    /// <summary>Of names, unions and messages for people: <c>string</c>, <c>array of long</c>, <c>Order</c>.</summary>
    public abstract string Words { get; }

    /// <summary>How a value of a union is marked in JSON.</summary>
    public virtual string Tag => Words;

    /// <param name="Logical">What the bytes mean beyond the kind, such as <c>timestamp-millis</c>; null for nothing more.</param>
    public sealed class Primitive(string kind, string? logical) : AvroType
    {
        public static readonly string[] Kinds = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

        public string Kind => kind;

        public string? Logical => logical;

        public override string Words => logical is null ? kind : $"{kind} ({logical})";

        public override string Tag => kind;
    }

    public abstract class Named(string name, string full) : AvroType
    {
        /// <summary>Without its namespace: by this types are matched.</summary>
        public string Name => name;

        public string FullName => full;

        public override string Words => name;

        public override string Tag => full;
    }

    public sealed class Record(string name, string full) : Named(name, full)
    {
        public IReadOnlyList<AvroField> Fields { get; internal set; } = [];
    }

    public sealed class Enumeration(string name, string full, IReadOnlyList<string> symbols, bool hasDefault) : Named(name, full)
    {
        public IReadOnlyList<string> Symbols => symbols;

        /// <summary>What a reader takes for a symbol that it does not know.</summary>
        public bool HasDefault => hasDefault;
    }

    public sealed class Fixed(string name, string full, int size) : Named(name, full)
    {
        /// <summary>Bytes.</summary>
        public int Size => size;
    }

    public sealed class List(AvroType items) : AvroType
    {
        public AvroType Items => items;

        public override string Words => $"array of {items.Words}";

        public override string Tag => "array";
    }

    public sealed class Map(AvroType values) : AvroType
    {
        public AvroType Values => values;

        public override string Words => $"map of {values.Words}";

        public override string Tag => "map";
    }

    public sealed class Union(IReadOnlyList<AvroType> branches) : AvroType
    {
        public IReadOnlyList<AvroType> Branches => branches;

        public override string Words => branches.Count == 0 ? "nothing" : string.Join(" or ", branches.Select(branch => branch.Words));
    }
}

/// <param name="HasDefault">Then a reader can do without it in what was written.</param>
/// <param name="Aliases">Names under which older definitions may have it.</param>
public sealed record AvroField(string Name, AvroType Type, bool HasDefault, IReadOnlyList<string> Aliases);
