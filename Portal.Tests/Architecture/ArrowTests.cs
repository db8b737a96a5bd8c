using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Tests.Support;

namespace Portal.Tests.Architecture;

/// <summary>The arrows of design.md: Shell → Features → Domain ← Adapters; only Program and Hosting see both sides.</summary>
public sealed class ArrowTests
{
    [Fact]
    public void The_domain_uses_the_base_class_library_only()
    {
        var foreign = typeof(Problem)
            .Assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System", StringComparison.Ordinal) && name is not ("netstandard" or "mscorlib"));
        Assert.Empty(foreign);
    }

    [Theory]
    [InlineData("Portal/Features", @"\bPortal\.(Adapters|Hosting|Shell)\b")]
    [InlineData("Portal/Adapters", @"\bPortal\.(Features|Hosting|Shell|Ui)\b")]
    [InlineData("Portal/Ui", @"\bPortal\.(Features|Adapters|Hosting|Shell)\b")]
    [InlineData("Portal/Shell", @"\bPortal\.(Adapters|Hosting)\b")]
    public void A_layer_names_only_what_its_arrows_reach(string folder, string forbidden)
    {
        if (!Directory.Exists(Path.Combine(Repository.Root, folder)))
            return;
        var pattern = new Regex(forbidden);
        var wrong =
            from file in Repository.Sources(folder, ".cs", ".razor")
            from line in Repository.Lines(file).Select((text, index) => (text, number: index + 1))
            where pattern.IsMatch(line.text) && !line.text.TrimStart().StartsWith("//", StringComparison.Ordinal)
            select $"{file}:{line.number}: {line.text.Trim()}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void An_adapter_does_not_know_another_adapter()
    {
        var adapters = Path.Combine(Repository.Root, "Portal/Adapters");
        var names = Directory.GetDirectories(adapters).Select(folder => Path.GetFileName(folder)!).ToList();
        var wrong =
            from name in names
            from file in Repository.Sources($"Portal/Adapters/{name}", ".cs")
            from other in names
            where other != name && Repository.Lines(file).Any(line => Regex.IsMatch(line, $@"\bPortal\.Adapters\.{other}\b"))
            select $"{file} names {other}";
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData(@"\busing Stripe\b|\bStripe\.[A-Z]\w+Service\b", "Portal/Adapters/StripeBilling")]
    [InlineData(@"\busing (MailKit|MimeKit)\b", "Portal/Adapters/Mail")]
    [InlineData(@"\bCsvWriter\.Create\b", "Portal/Features/Api")]
    [InlineData(@"\busing (Microsoft\.EntityFrameworkCore|Microsoft\.Data\.Sqlite|Npgsql)\b", "Portal/Adapters/PortalDatabase")]
    public void A_vendor_is_named_only_in_its_own_adapter_and_where_it_is_wired(string vendor, string home)
    {
        var pattern = new Regex(vendor);
        var wrong = Repository
            .Sources("Portal", ".cs", ".razor")
            .Concat(Repository.Sources("Portal.Domain", ".cs"))
            .Where(file =>
                !file.StartsWith(home + "/", StringComparison.Ordinal) && !file.StartsWith("Portal/Hosting/", StringComparison.Ordinal)
            )
            .Where(file => Repository.Lines(file).Any(line => pattern.IsMatch(line)));
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_Kafka_client_lives_in_the_portals_own_process()
    {
        const string client = "Portal/Adapters/KafkaSource";
        // At the beginning of a line: snippets for customers name it too.
        var vendor = new Regex(@"^(global )?using (static )?Confluent\b|^(?!.*//).*[^\w.""]Confluent\.Kafka\.\w");
        var wrong = Repository
            .Sources("Portal", ".cs", ".razor")
            .Concat(Repository.Sources("Portal.Domain", ".cs"))
            .Where(file =>
                !file.StartsWith($"{client}/", StringComparison.Ordinal) || file.StartsWith($"{client}/Apart/", StringComparison.Ordinal)
            )
            .Where(file => Repository.Lines(file).Any(line => vendor.IsMatch(line)));
        Assert.Empty(wrong);

        // Nor by way of the client's own types: there is one door to them, which opens in a process of its own.
        var source = typeof(Portal.Adapters.KafkaSource.KafkaReach).Namespace!;
        string[] doors =
        [
            nameof(Portal.Adapters.KafkaSource.KafkaProgram),
            nameof(Portal.Adapters.KafkaSource.KafkaReach),
            nameof(Portal.Adapters.KafkaSource.KafkaWiring),
        ];
        var uses = AssemblyUses.Of(typeof(Portal.Adapters.KafkaSource.KafkaReach).Assembly).ToList();
        Assert.Empty(
            from use in uses
            where use.To.Namespace == source && use.From.Namespace != source && !doors.Contains(use.To.Name) && !use.To.Name.StartsWith('<')
            select $"{use.From.Name}.{use.Member} uses {use.To.Name}"
        );
        Assert.Equal(
            ["KafkaClientCommand"],
            uses.Where(use => use.To.Name == "KafkaProgram" && use.From.Namespace != source).Select(use => use.From.Name).Distinct()
        );
        // What is wired in the portal is the other side.
        Assert.DoesNotContain(uses, use => use.From.Name == "KafkaWiring" && use.To.Namespace == source && use.To.Name != "KafkaReach");
    }

    [Fact]
    public void A_component_injects_use_cases_and_never_a_port()
    {
        // Who asks, and whether an exception is an outage: no way around authorization.
        string[] harmless = ["IActorProvider", "IOutages"];
        var ports = typeof(Problem).Assembly.GetTypes().Where(type => type.IsInterface && !harmless.Contains(type.Name)).ToHashSet();
        var wrong =
            from component in typeof(Portal.Hosting.UseCases).Assembly.GetTypes()
            where typeof(IComponent).IsAssignableFrom(component)
            from property in component.GetProperties(
                System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic
            )
            where property.IsDefined(typeof(InjectAttribute), inherit: true) && ports.Contains(property.PropertyType)
            select $"{component.Name} injects {property.PropertyType.Name}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_page_hears_of_changes_whatever_it_shows()
    {
        // Inside a LoadingView it would listen only once there is something to show: an empty list would stay empty.
        var wrong = Repository
            .Sources("Portal", ".razor")
            .Where(file =>
            {
                var text = string.Join('\n', Repository.Lines(file));
                var change = text.IndexOf("<OnChange", StringComparison.Ordinal);
                return change >= 0 && Regex.Count(text[..change], "<LoadingView\\b") != Regex.Count(text[..change], "</LoadingView>");
            });
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_page_polls()
    {
        var wrong = new[] { "Portal/Features", "Portal/Ui", "Portal/Shell" }
            .SelectMany(folder => Repository.Sources(folder, ".cs", ".razor"))
            .Where(file =>
                Repository.Lines(file).Any(line => Regex.IsMatch(line, @"\bPeriodicTimer\b|\bSystem\.Threading\.Timer\b|\bsetInterval\b"))
            );
        Assert.Empty(wrong);
    }
}
