using System.Text;
using Portal.Domain.Topics;

namespace Portal.Tests.Domain.Topics;

public sealed class JsonPlaceTests
{
    private const string Order =
        """{"order":{"id":7,"paid":true,"note":null,"a b":"x=y","lines":[{"sku":"A"},{"sku":"B"}]},"ratio":0.50}""";

    [Theory]
    [InlineData("$", true)]
    [InlineData("$.order.id", true)]
    [InlineData("$.order.id=7", true)]
    [InlineData("$.order.id = 7", true)]
    [InlineData("$.order.id=8", false)]
    [InlineData("$.order.paid=true", true)]
    [InlineData("$.order.note=null", true)]
    [InlineData("$.order.lines[1].sku=B", true)]
    [InlineData("$.order.lines[1].sku='B'", true)]
    [InlineData("$.order.lines[2].sku", false)]
    [InlineData("$.order.lines.sku", false)]
    [InlineData("$['order'][\"a b\"]=x=y", true)]
    [InlineData("$.ratio=0.50", true)]
    [InlineData("$[0]", false)]
    [InlineData("$.Order", false)]
    public void A_place_is_found_and_compared(string path, bool there) =>
        Assert.Equal(there, JsonPlace.Parse(path).Value.Matches(Encoding.UTF8.GetBytes(Order)));

    [Theory]
    [InlineData("order")]
    [InlineData("$.")]
    [InlineData("$..a")]
    [InlineData("$[")]
    [InlineData("$[x]")]
    [InlineData("$[-1]")]
    [InlineData("$['a")]
    [InlineData("$.a b")]
    public void What_is_no_path_is_said(string path) => Assert.Equal("path-malformed", JsonPlace.Parse(path).Problem?.Code);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("plain")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void Other_payloads_do_not_match(string payload) =>
        Assert.False(JsonPlace.Parse("$.a=x").Value.Matches(Encoding.UTF8.GetBytes(payload)));
}
