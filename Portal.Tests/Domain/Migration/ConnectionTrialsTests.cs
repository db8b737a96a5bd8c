using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Domain.Migration;

namespace Portal.Tests.Domain.Migration;

public sealed class ConnectionTrialsTests : IKafkaCluster
{
    private static readonly KafkaConnection Connection = new("kafka.example:9092", KafkaSecurity.Plaintext, null, null, null);
    private readonly TaskCompletionSource _answer = new();

    [Fact]
    public async Task So_many_at_once_and_one_organization_leaves_room_for_others()
    {
        var trials = new ConnectionTrials(this);
        var organizations = Enumerable.Range(0, 9).Select(_ => new OrganizationId(Guid.NewGuid())).ToList();
        List<Task<Outcome<ConnectionTest>>> running = [];
        foreach (var organization in organizations[..8])
        {
            var person = Person();
            for (var one = 0; one < 2; one++)
                running.Add(trials.TryAsync(person, organization, Connection, default));
            Assert.Equal("kafka-tests-busy", (await trials.TryAsync(Person(), organization, Connection, default)).Problem?.Code);
            // Another organization of the same person, too, or one person would have all the places there are.
            Assert.Equal("kafka-tests-busy", (await trials.TryAsync(person, organizations[8], Connection, default)).Problem?.Code);
        }
        Assert.DoesNotContain(running, one => one.IsCompleted);
        Assert.IsType<Problem.TooMany>((await trials.TryAsync(Person(), organizations[8], Connection, default)).Problem);
        _answer.SetResult();
        Assert.All(await Task.WhenAll(running), one => Assert.True(one.IsOk));
        Assert.True((await trials.TryAsync(Person(), organizations[8], Connection, default)).IsOk);
    }

    private static Actor Person() => new(new AccountId(Guid.NewGuid()), "jo@example.com", false);

    async Task<ConnectionTest> IKafkaCluster.TestAsync(KafkaConnection connection, CancellationToken cancellationToken)
    {
        await _answer.Task;
        return new([], null, 0);
    }

    Task<Outcome<IKafkaLook>> IKafkaCluster.OpenAsync(KafkaConnection connection, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
