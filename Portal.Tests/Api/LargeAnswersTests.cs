using Portal.Features.Api;

namespace Portal.Tests.Api;

public sealed class LargeAnswersTests
{
    [Fact]
    public void So_many_at_once_of_one_caller_and_of_all()
    {
        var answers = new LargeAnswers();
        for (var caller = 0; caller < 8; caller++)
        {
            for (var one = 0; one < 4; one++)
                Assert.True(answers.Begin($"{caller}"));
            if (caller < 7)
                Assert.False(answers.Begin($"{caller}"));
        }
        Assert.False(answers.Begin("another"));
        answers.End("3");
        Assert.True(answers.Begin("another"));
        Assert.False(answers.Begin("3"));
        answers.End("another");
        Assert.True(answers.Begin("3"));
    }
}
