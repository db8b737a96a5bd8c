using System.Text;

namespace Portal.Adapters.KafkaSource.Apart;

/// <summary>
/// What a process wrote to its error output: a little of it, as one line without control characters and without the password.
/// </summary>
internal sealed class KafkaChildWords(string? secret)
{
    private const int Longest = 600;

    private readonly Lock _lock = new();
    private readonly StringBuilder _text = new();

    /// <summary>
    /// Reads to the end, so that nobody waits for somebody to read, and keeps the beginning: the cause stands before the stack.
    /// </summary>
    public void ReadAll(TextReader reader)
    {
        try
        {
            var part = new char[512];
            for (int read; (read = reader.Read(part)) > 0; )
                Add(new string(part, 0, read));
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It has ended.
        }
    }

    public void Add(string text)
    {
        lock (_lock)
        {
            if (_text.Length >= Longest)
                return;
            if (_text.Length > 0 && _text[^1] != ' ')
                _text.Append(' ');
            foreach (var character in text.AsSpan(0, Math.Min(text.Length, Longest - Math.Min(_text.Length, Longest))))
                _text.Append(
                    char.IsControl(character)
                    || char.IsSurrogate(character)
                    || char.GetUnicodeCategory(character) == System.Globalization.UnicodeCategory.Format
                        ? ' '
                        : character
                );
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            var text = _text.ToString().Trim();
            return secret is { Length: >= 4 } ? text.Replace(secret, "•••", StringComparison.Ordinal) : text;
        }
    }
}
