using System.Security.Cryptography;
using System.Text;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;
using Portal.Domain.Sample;
using Portal.Hosting.Settings;

namespace Portal.Hosting.Identity;

/// <summary>Twelve characters that are not mistaken for each other, new at every start.</summary>
internal sealed class FirstRunCode : IFirstRunCode
{
    public string Value { get; } = RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 12);

    public bool Matches(string? typed) =>
        typed is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(typed.Trim().ToLowerInvariant()), Encoding.UTF8.GetBytes(Value));
}

/// <summary>The first account of an installation: made from the settings, or announced so that a person makes it.</summary>
internal sealed partial class FirstRun(
    PortalSettings settings,
    IAccountDirectory accounts,
    CreateFirstAccount create,
    CreateSampleCompany createSample,
    FirstRunCode code,
    ILogger<FirstRun> log
)
{
    /// <summary>Carries out <c>Portal:FirstRun</c>, once.</summary>
    /// <exception cref="WrongSettingException">The password is one that is guessed first.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var first = settings.FirstRun;
        if (await accounts.AnyAsync(cancellationToken))
        {
            if (first.Email is not null)
                IgnoredFirstRun(log);
            return;
        }
        if (first.Email is null)
        {
            Invitation =
                $"There is no account yet: open /first-run to make the operator's. From another machine it asks for the code {code.Value}";
            return;
        }
        var made = await create.RunAsync(
            Actor.Worker("first-run"),
            fromThisMachine: true,
            null,
            first.Email,
            first.Password,
            first.ApiKey,
            cancellationToken
        );
        if (made.Problem is Problem.Conflict)
            return;
        if (made.Problem is { } problem)
            throw new WrongSettingException($"Portal:FirstRun: {problem.Message}");
        MadeOperator(log, first.Email);
        if (!createSample.OnFirstRun)
            return;
        var sample = await createSample.RunAsync(new Actor(made.Value.Id, made.Value.Email, made.Value.IsOperator), cancellationToken);
        if (sample.Problem is { } why)
            NoSample(log, why.Message);
    }

    /// <summary>What to print at the start; null when there is an account.</summary>
    public string? Invitation { get; private set; }

    [LoggerMessage(LogLevel.Information, "Portal:FirstRun is ignored: there is an account already.")]
    private static partial void IgnoredFirstRun(ILogger log);

    [LoggerMessage(LogLevel.Warning, "The sample company was not created: {Why}")]
    private static partial void NoSample(ILogger log, string why);

    [LoggerMessage(LogLevel.Information, "Made the operator's account {Email} from Portal:FirstRun.")]
    private static partial void MadeOperator(ILogger log, string email);
}
