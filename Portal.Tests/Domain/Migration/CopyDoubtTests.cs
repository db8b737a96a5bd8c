using Portal.Domain.Common;
using Portal.Domain.Migration;
using Portal.Domain.Work;

namespace Portal.Tests.Domain.Migration;

/// <summary>A Kafka broker that has just started says that topics are missing; no copy may end by that.</summary>
public sealed class CopyDoubtTests
{
    private static readonly Problem.Conflict Missing = new(
        "kafka-topic-missing",
        "Kafka says that it has no partition 0 of the topic orders."
    );

    [Theory]
    [InlineData(0, null, false)]
    [InlineData(5, "kafka-topic-missing", false)]
    // Kafka was away for an hour; what it says first when it is back counts as one look.
    [InlineData(60, "kafka-unreachable", false)]
    [InlineData(60, "kafka-topic-replaced", false)]
    [InlineData(6, "kafka-topic-missing", true)]
    public void What_would_end_a_copy_is_believed_when_it_is_said_again(int failures, string? last, bool believed)
    {
        var result = CopyProblems.Doubted(new StepResult.Refused(Missing), new(default, null, null, failures, default, null, last));
        if (believed)
            Assert.Same(Missing, Assert.IsType<StepResult.Refused>(result).Problem);
        else
            Assert.Same(Missing, Assert.IsType<StepResult.Later>(result).Problem);
    }

    [Fact]
    public void Other_refusals_end_a_copy_at_once()
    {
        var refused = new StepResult.Refused(CopyProblems.NoSource);
        Assert.Same(refused, CopyProblems.Doubted(refused, new(default, null, null, 0, default, null)));
    }
}
