using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Portal.Domain.Access;
using Portal.Domain.Common;
using Portal.Hosting.Settings;
using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

public sealed class NameTests
{
    private static IEnumerable<Type> UseCases =>
        typeof(Problem)
            .Assembly.GetTypes()
            .Where(type =>
                type is { IsClass: true, IsAbstract: false, IsPublic: true }
                && type.GetMethods(BindingFlags.Public | BindingFlags.Instance).Any(method => method.Name == "RunAsync")
                && !Portal.Domain.Work.WorkHandler.PayloadsOf(type).Any()
            );

    [Fact]
    public void A_use_case_is_a_sealed_class() => Assert.Empty(UseCases.Where(type => !type.IsSealed).Select(type => type.Name));

    [Fact]
    public void What_an_actor_may_ask_for_begins_with_the_guard()
    {
        // Asked before there is an account to guard: the limiter stands there instead.
        string[] open =
        [
            "CreateFirstAccount",
            "SignUp",
            "SignIn",
            "FinishSignIn",
            "SignInWithPasskey",
            "ConfirmEmailChange",
            "VerifyEmail",
            "ResendVerification",
            "RequestPasswordReset",
            "ResetPassword",
            "SignUpInvited",
            "RatePassword",
            "SignInExternally",
            "FindOrganizationOfEmail",
        ];
        var unguarded = UseCases
            .Where(type => !open.Contains(type.Name))
            .Where(type =>
                type.GetMethods()
                    .Any(method =>
                        method.Name == "RunAsync" && method.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(Actor)
                    )
            )
            .Where(type =>
                type.GetConstructors()
                    .All(constructor => constructor.GetParameters().All(parameter => parameter.ParameterType != typeof(AccessGuard)))
            );
        Assert.Empty(unguarded.Select(type => type.Name));
    }

    [Fact]
    public void A_middleware_with_something_to_dispose_of_is_a_service()
    {
        // Nobody disposes of one that the pipeline made by convention: its timers outlive the portal.
        var forgotten = typeof(PortalSettings)
            .Assembly.GetTypes()
            .Where(type => type.IsClass && typeof(IDisposable).IsAssignableFrom(type) && !typeof(IMiddleware).IsAssignableFrom(type))
            .Where(type =>
                type.GetMethods()
                    .Any(method =>
                        method.Name is "Invoke" or "InvokeAsync"
                        && method.GetParameters() is [{ ParameterType: var first }, ..]
                        && first == typeof(HttpContext)
                    )
            );
        Assert.Empty(forgotten.Select(type => type.Name));
    }

    [Fact]
    public void Every_use_case_and_port_can_be_cancelled()
    {
        var deaf =
            from type in typeof(Problem).Assembly.GetTypes()
            where type.IsPublic && (type.IsInterface || UseCases.Contains(type))
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where typeof(Task).IsAssignableFrom(method.ReturnType) && type != typeof(IActorProvider)
            where method.GetParameters().LastOrDefault()?.ParameterType != typeof(CancellationToken)
            select $"{type.Name}.{method.Name}";
        Assert.Empty(deaf);
    }

    [Fact]
    public void A_page_is_called_a_page_and_a_dialog_a_dialog()
    {
        var wrong =
            from file in Repository.Sources("Portal/Features", ".razor")
            let name = Path.GetFileNameWithoutExtension(file)
            let text = File.ReadAllText(Path.Combine(Repository.Root, file))
            where
                Regex.IsMatch(text, @"^@page ", RegexOptions.Multiline) && !name.EndsWith("Page", StringComparison.Ordinal)
                || Regex.IsMatch(text, @"^<MudDialog\b", RegexOptions.Multiline) && !name.EndsWith("Dialog", StringComparison.Ordinal)
            select file;
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_kill_point_has_one_name()
    {
        IReadOnlyList<string> listed =
        [
            .. KillPoint.All,
            .. KillPoint.OfSample,
            .. KillPoint.OfDunning,
            .. KillPoint.OfCreditNotes,
            .. KillPoint.OfRequests,
        ];
        Assert.Equal(listed.Count, listed.Distinct().Count());
        var declared = typeof(KillPoint)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(declared.Order(), listed.Order());
    }
}
