using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Tests.Support;

namespace Portal.Tests.Domain.Common;

public sealed class CanonicalTextTests
{
    // Made with another implementation (Python's unicodedata): text, semicolon, its composed form; in UTF-16.
    [Fact]
    public void Texts_are_composed_as_Unicode_says()
    {
        var cases = File.ReadAllLines(Path.Combine(Repository.Root, "Portal.Tests/Support/Fixtures/composed.txt"));
        Assert.True(cases.Length >= 400);
        foreach (var line in cases)
        {
            var (given, wanted) = (Text(line.Split(';')[0]), line.Split(';')[1]);
            Assert.Equal($"{line} {wanted}", $"{line} {Hex(CanonicalText.Compose(given))}");
        }
    }

    [Theory]
    [InlineData("cafe\u0301", "caf\u00e9")]
    [InlineData("\u212bngstro\u0308m", "\u00c5ngstr\u00f6m")]
    [InlineData("a\u0308\u0323", "\u1ea1\u0308")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    public void Two_spellings_are_one_topic(string given, string name) => Assert.Equal(name, TopicName.Create(given).Value.Value);

    [Theory]
    [InlineData("हिन्दी")]
    [InlineData("தமிழ்")]
    [InlineData("বাংলা")]
    [InlineData("മലയാളം")]
    [InlineData("ไทย")]
    [InlineData("עברית")]
    public void Names_in_scripts_with_marks_are_names(string name)
    {
        Assert.True(TopicName.Create(name).IsOk);
        Assert.True(SubscriptionName.Create(name).IsOk);
        Assert.True(Label.Create(name, "name").IsOk);
    }

    [Theory]
    [InlineData("क्\u200dष", true)]
    [InlineData("می\u200cخواهم", true)]
    [InlineData("👩\u200d💻 team", true)]
    [InlineData("ad\u200dmin", false)]
    [InlineData("\u200cمی", false)]
    [InlineData("می\u200c\u200cخواهم", false)]
    [InlineData("\u202eevil", false)]
    public void A_label_joins_characters_only_where_a_script_does(string name, bool taken) =>
        Assert.Equal(taken, Label.Create(name, "name").IsOk);

    [Fact]
    public void Half_of_a_pair_stays_what_it_is() => Assert.Equal("\ud800e\u0301", CanonicalText.Compose("\ud800e\u0301"));

    private static string Text(string hex) => string.Concat(hex.Split(' ').Select(one => (char)Convert.ToInt32(one, 16)));

    private static string Hex(string text) => string.Join(' ', text.Select(one => $"{(int)one:X4}"));

    [Theory]
    [InlineData("Núñez & Söhne", "nunez-sohne")]
    [InlineData("Großhandel Łódź", "grosshandel-lodz")]
    [InlineData("Tiếng Việt", "tieng-viet")]
    [InlineData("株式会社 Acme", "acme")]
    public void A_name_with_marks_makes_an_address_of_its_letters(string name, string slug) =>
        Assert.Equal(slug, Portal.Domain.Access.Slug.Suggest(name));
}
