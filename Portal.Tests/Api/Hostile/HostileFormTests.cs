using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Portal.Domain.Access;
using Portal.Tests.Api.Matrix;
using Portal.Tests.Support;

namespace Portal.Tests.Api.Hostile;

/// <summary>
/// Hostile inputs into every form that a static page shows, to a stranger and to who is signed in, and into the use cases
/// that only interactive pages call.
/// </summary>
public sealed class HostileFormTests
{
    private const int Seed = 20261127;
    private const string Email = "ada@example.com";

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Hostile_inputs_to_every_form_break_nothing(bool signedIn, bool firstRun)
    {
        await using var portal = new PortalHost(firstRun: !firstRun)
        {
            Settings = { ["Portal:Limits:SignInsPerMinuteAndAddress"] = "100000", ["Portal:Limits:SignInsPerMinuteAndAccount"] = "100000" },
        };
        if (signedIn)
            (await portal.SignedUpAsync(Email)).Dispose();
        var forms = new List<(string Page, string Name)>();
        using (var browser = await BrowserAsync(portal, signedIn))
            foreach (var page in firstRun ? ["/first-run"] : StaticForms.Pages)
                forms.AddRange((await browser.FormsOfAsync(page)).Select(form => (page, form.Name)));
        Assert.True(forms.Count >= (firstRun ? 1 : 5), string.Join(", ", forms));

        var wrong = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            forms.Distinct().Index(),
            new ParallelOptions { MaxDegreeOfParallelism = 3 },
            async (item, _) =>
            {
                var (index, (page, name)) = item;
                var values = new HostileValues(Seed + index);
                // A sign-in of its own: some forms end it.
                using var browser = await BrowserAsync(portal, signedIn);
                StaticForm? form = null;
                for (var i = 0; i < HostileValues.Inputs; i++)
                {
                    // The form as the page has it now: what was sent may have changed what it offers.
                    if (i % 100 == 0)
                        form = (await browser.FormsOfAsync(page)).FirstOrDefault(one => one.Name == name) ?? form;
                    if (form is null)
                        return;
                    if (await SendAsync(browser, page, form, values) is { } failure)
                        wrong.Add($"{page} {name} (seed {Seed + index}, input {i}): {failure}");
                }
            }
        );
        Assert.True(wrong.IsEmpty, $"{wrong.Count}, seed {Seed}:\n{string.Join('\n', wrong.Order().Take(40))}");
    }

    [Fact]
    public async Task Hostile_inputs_to_what_only_pages_call_break_nothing()
    {
        await using var world = new MatrixWorld();
        await world.InitializeAsync();
        world.BeginRequest();
        Actor[] actors =
        [
            world.Askers.Single(asker => asker.Name == "Owner").Actor!,
            world.Askers.Single(asker => asker.Name == "an operator").Actor!,
        ];
        var types = typeof(AccessGuard).Assembly.GetTypes().ToLookup(type => type.Name);
        var onlyPages = AuthorizationMatrix.All.Where(rule =>
            rule.UseCase is not null && !rule.Faces.Any(face => face.Contains(" /api/", StringComparison.Ordinal))
        );
        var wrong = new ConcurrentBag<string>();
        foreach (var (index, rule) in onlyPages.Index())
        {
            var useCase = world.Services.GetRequiredService(types[rule.UseCase!].Single());
            var run = useCase.GetType().GetMethod("RunAsync")!;
            // Without a text there is nothing to be hostile with.
            if (!run.GetParameters().Any(parameter => parameter.ParameterType == typeof(string)))
                continue;
            var values = new HostileValues(Seed + index);
            // Those that hash a password are slow by intent; the forms send them more.
            for (var i = 0; i < (rule.Who == AuthorizationMatrix.Everybody ? 50 : HostileValues.Inputs); i++)
            {
                var texts = run.GetParameters().Where(parameter => parameter.ParameterType == typeof(string)).ToList();
                var hostile = texts[values.Next(texts.Count)];
                try
                {
                    await MatrixCalls.UseCaseAsync(
                        useCase,
                        actors[i % 2],
                        MatrixWorld.North,
                        "shop",
                        "production",
                        (hostile.Name!, values.Text())
                    );
                }
                catch (Exception exception) when (exception is not OutOfMemoryException)
                {
                    wrong.Add(
                        $"{rule.UseCase}({hostile.Name}) (seed {Seed + index}, input {i}): {exception.GetType().Name} {exception.Message}"
                    );
                }
            }
        }
        Assert.True(wrong.IsEmpty, $"{wrong.Count}, seed {Seed}:\n{string.Join('\n', wrong.Order().Take(40))}");
    }

    private static async Task<string?> SendAsync(HttpClient browser, string page, StaticForm form, HostileValues values)
    {
        var fields = form.Hidden.Concat(form.Visible.Select(name => KeyValuePair.Create(name, "x"))).ToList();
        var open = fields.FindAll(field => field.Key != StaticForm.Token);
        var target = open[values.Next(open.Count)].Key;
        fields.RemoveAll(field => field.Key == target);
        fields.Add(new(target, values.Text()));
        if (values.Next(6) == 0)
            fields.Add(new(target, values.Text()));
        if (values.Next(6) == 0)
            fields.Add(new(values.Text(), values.Text()));
        using HttpContent content = values.Next(20) switch
        {
            0 => new ByteArrayContent(values.Body([target])) { Headers = { { "Content-Type", "application/json" } } },
            1 => new StringContent("%00%ff=%zz&&&=&" + target, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"),
            _ => new FormUrlEncodedContent(fields),
        };
        using var answer = await browser.PostAsync(page, content).WaitAsync(TimeSpan.FromSeconds(60));
        var text = await answer.Content.ReadAsStringAsync();
        // Plain text may repeat what was sent: with nosniff no browser runs it.
        var echoes =
            answer.Content.Headers.ContentType?.MediaType != "text/plain" && text.Contains(HostileValues.Marker, StringComparison.Ordinal);
        return (int)answer.StatusCode >= 500 || echoes || text.Contains("   at ", StringComparison.Ordinal)
            ? $"{target}: {(int)answer.StatusCode} {answer.Content.Headers.ContentType} {text[..Math.Min(300, text.Length)]}"
            : null;
    }

    private static async Task<HttpClient> BrowserAsync(PortalHost portal, bool signedIn)
    {
        var browser = portal.Browser();
        if (signedIn)
            await browser.SubmitAsync("/sign-in", "sign-in", new() { ["Input.Email"] = Email, ["Input.Password"] = PortalHost.Password });
        return browser;
    }
}
