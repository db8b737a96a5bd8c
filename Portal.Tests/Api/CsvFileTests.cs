using System.Text;
using Portal.Features.Api;

namespace Portal.Tests.Api;

public sealed class CsvFileTests
{
    [Theory]
    [InlineData("=1-1", "\"'=1-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-2", "\"'-2\"")]
    [InlineData("＝1-1", "'＝1-1")]
    [InlineData("orders", "orders")]
    public async Task A_name_is_never_run_as_a_formula(string name, string written)
    {
        using var stream = new MemoryStream();
        await using (var csv = new CsvFile(stream))
        {
            csv.Text(name);
            csv.Number(-1.5m);
            await csv.EndRecordAsync(TestContext.Current.CancellationToken);
        }
        Assert.Equal($"{written},-1.5\r\n", Encoding.UTF8.GetString(stream.ToArray()));
    }
}
