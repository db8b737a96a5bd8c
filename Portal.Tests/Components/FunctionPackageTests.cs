using Bunit;
using Portal.Domain.Access;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Domain.Tenants;
using Portal.Domain.Topics;
using Portal.Domain.Work;
using Portal.Features.Connectors;
using Portal.Tests.Support;
using Portal.Tests.Support.Fakes;

namespace Portal.Tests.Components;

/// <summary>A customer's own function, from the file to what the worker is told.</summary>
public sealed partial class FunctionPackageTests : PageTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);
    private static readonly CancellationToken Stop = CancellationToken.None;
    private static readonly byte[] Shout = Archives.Jar(new Archives.Class("com/acme/Shout", Interfaces: ["java/util/function/Function"]));
    private static readonly byte[] Both = Archives.Jar(
        new("com/acme/Shout", Interfaces: ["java/util/function/Function"]),
        new("com/acme/Whisper", Interfaces: ["java/util/function/Function"])
    );

    [Fact]
    public async Task Nothing_is_read_where_the_cluster_or_the_plan_allows_none()
    {
        await TenantAsync();
        var untouched = new Untouched();
        Assert.Equal("packages-not-allowed", (await UploadAsync(untouched)).Problem?.Code);
        await AllowAsync();
        var refused = Assert.IsType<Problem.OverLimit>((await UploadAsync(untouched)).Problem);
        Assert.Equal("The Free plan doesn't include functions of your own. Pay as you go does.", refused.Message);
        await PaygAsync();
        Assert.IsType<Problem.Forbidden>(
            (await Use<UploadPackage>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", New(), untouched, Stop)).Problem
        );
        Assert.Equal("package-name-malformed", (await UploadAsync(untouched, name: "../up")).Problem?.Code);
        Assert.Equal("package-name-malformed", (await UploadAsync(untouched, name: "up@2")).Problem?.Code);
        Assert.Equal("package-version-malformed", (await UploadAsync(untouched, version: "1/2")).Problem?.Code);
        Assert.Equal("namespace-not-found", (await UploadAsync(untouched, @namespace: "other")).Problem?.Code);
        Assert.Empty(Packages.Kept);
    }

    [Fact]
    public async Task A_version_is_stored_once_and_never_changes()
    {
        await ReadyAsync();
        var made = (await UploadAsync(new MemoryStream(Shout))).Value;
        Assert.Equal(
            (ResourceState.Ready, PackageRuntime.Java, "com.acme.Shout", (long)Shout.Length),
            (made.State, made.Runtime, made.Classes.Single(), made.Bytes)
        );
        Assert.Equal(Shout, Packages.Kept["function://shop/default/shout@1.0"]);
        Assert.Equal(made.Id, (await UploadAsync(new MemoryStream(Shout))).Value.Id);
        Assert.Equal("package-version-exists", (await UploadAsync(new MemoryStream(Both))).Problem?.Code);
        Assert.Equal(
            "package-kind-differs",
            (await UploadAsync(new MemoryStream("def process(input):\n    return input\n"u8.ToArray()), version: "2.0")).Problem?.Code
        );
        Assert.Equal("package-platform", (await UploadAsync(new MemoryStream(Archives.Binary(183)), name: "go")).Problem?.Code);
        Assert.Equal(
            ["package.upload"],
            (await AuditAsync()).Where(name => name.StartsWith("package", StringComparison.Ordinal)).Distinct()
        );
        // What waits to take a dead upload away finds that this one lives.
        Assert.IsType<StepResult.Done>(await SweepAsync(made.Id));
        Assert.Single(Packages.Kept);
    }

    [Fact]
    public async Task A_trickle_keeps_the_room_from_nobody_for_long_and_a_size_that_is_too_large_is_refused_before_it_comes()
    {
        await ReadyAsync();
        var trickle = new Trickle(Clock.Advance);
        Assert.Equal("package-upload-slow", (await UploadAsync(trickle)).Problem?.Code);
        Assert.InRange(trickle.Given, 512, 20 * 512);
        var large = new NewPackage("default", "shout", "1.0", null, 100L * ByteSize.GiB);
        Assert.Equal("package-size", (await Use<UploadPackage>().RunAsync(Owner, Org, "shop", large, new Untouched(), Stop)).Problem?.Code);
    }

    [Fact]
    public async Task A_body_without_an_end_is_read_to_the_limit_and_no_further()
    {
        await ReadyAsync();
        var endless = new Endless();
        var refused = Assert.IsType<Problem.OverLimit>((await UploadAsync(endless)).Problem);
        Assert.Equal(
            ("package-size", "A package can have at most 64 MiB on your plan. Leave out what the function doesn't need."),
            (refused.Code, refused.Message)
        );
        Assert.InRange(endless.Given, 64 * ByteSize.MiB, 65 * ByteSize.MiB);
        Assert.Empty(Packages.Kept);
    }

    [Fact]
    public async Task An_upload_that_fails_or_dies_leaves_nothing_behind()
    {
        await ReadyAsync();
        Packages.Refuses = new Problem.Unavailable("cluster-unreachable", "We can't reach the cluster.");
        Assert.Equal("cluster-unreachable", (await UploadAsync(new MemoryStream(Shout))).Problem?.Code);
        var dead = (await Use<ListPackages>().RunAsync(Owner, Org, "shop", new PageRequest(), Stop)).Value.Items.Single();
        Assert.Equal(ResourceState.Deleting, dead.State);
        var item = Assert.Single(await WorkAsync());
        Assert.True(item.NotBefore <= Clock.GetUtcNow());
        await SettleAsync(dead.Id);
        Assert.Empty((await Use<ListPackages>().RunAsync(Owner, Org, "shop", new PageRequest(), Stop)).Value.Items);
        Packages.Refuses = null;
        Assert.True((await UploadAsync(new MemoryStream(Shout))).IsOk);
    }

    [Fact]
    public async Task A_function_runs_a_version_of_its_own_namespace_and_is_updated_to_another()
    {
        await ReadyAsync();
        await TopicAsync("shop", "readings");
        await UploadAsync(new MemoryStream(Shout));
        await UploadAsync(new MemoryStream(Both), version: "2.0");
        Assert.Equal("package-class-missing", (await CreateAsync()).Problem?.Code);
        Assert.Equal("package-unknown", (await CreateAsync("package:else")).Problem?.Code);
        Assert.Equal("connector-type-unknown", (await CreateAsync("package:../../public/default/x")).Problem?.Code);
        var made = (await CreateAsync(version: "1.0")).Value;
        await ApplyAsync(made.Id);
        var told = Connectors.Ensured[^1];
        Assert.Equal(("package:shout", new PackageUse(PackageRuntime.Java, "1.0", "com.acme.Shout")), (told.Type, told.Package));
        Assert.Equal("package-in-use", (await DeleteAsync("1.0")).Problem?.Code);
        Assert.Equal(
            "connector-type-unknown",
            (await Use<PreviewFunction>().RunAsync(Owner, Org, "shop", new("default", "package:shout", "default/readings", []), Stop))
                .Problem
                ?.Code
        );

        var update = new ConnectorChange(null, null, null) { PackageVersion = "2.0", ClassName = "com.acme.Whisper" };
        Assert.Equal("package-class-missing", (await UpdateAsync(update with { ClassName = "com.acme.None" })).Problem?.Code);
        Assert.Equal("2.0", (await UpdateAsync(update)).Value.Package!.Version);
        Assert.Equal(
            [new("class", "com.acme.Shout", "com.acme.Whisper"), new("package version", "1.0", "2.0")],
            SettingChange.Between(made, 1, [], null, new(PackageRuntime.Java, "2.0", "com.acme.Whisper")).OrderBy(one => one.Name)
        );
        await ApplyAsync(made.Id);
        Assert.Equal("com.acme.Whisper", Connectors.Ensured[^1].Package!.Class);
        var manifest = ConnectorManifest.Of(
            (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "loud", ConnectorFamily.Functions, Stop)).Value
        );
        Assert.Equal(("2.0", "com.acme.Whisper"), (manifest.PackageVersion, ConnectorManifest.Read(manifest.Write()).Value.ClassName));
        Assert.True((await DeleteAsync("1.0")).IsOk);
        await SettleAsync((await FindAsync("1.0"))!.Id);
        Assert.Equal(["function://shop/default/shout@2.0"], Packages.Kept.Keys);
        Assert.IsType<Problem.Forbidden>(
            (await Use<DeletePackage>().RunAsync(await MemberAsync(Role.Viewer), Org, "shop", "default", "shout", "2.0", Stop)).Problem
        );
    }

    [Fact]
    public async Task Where_functions_share_a_process_the_operator_is_refused_with_the_reason_and_elsewhere_told_what_was_found()
    {
        await TenantAsync();
        Packages.Look = new(RuntimeFinding.Threads, "User class must be in class path");
        var refused = (await AllowPackagesAsync("processes")).Problem!;
        Assert.StartsWith("Functions on this cluster run as threads of the worker:", refused.Message, StringComparison.Ordinal);
        Packages.Look = new(RuntimeFinding.Unknown, "python3: not found");
        Assert.Equal(
            "The check couldn't tell how functions are separated. The worker said: python3: not found",
            (await AllowPackagesAsync("kubernetes")).Value.Found
        );
        Assert.Equal("isolation-unknown", (await AllowPackagesAsync("threads")).Problem?.Code);
        Assert.IsType<Problem.Forbidden>(
            (await Use<AllowPackages>().RunAsync(Owner, StandingCluster.Local.Name, "none", null, Stop)).Problem
        );
        Assert.Equal(Isolation.None, (await AllowPackagesAsync("none")).Value.Isolation);
    }

    [Fact]
    public async Task The_pages_show_versions_who_uses_them_and_offer_them_in_the_catalog()
    {
        await ReadyAsync();
        await TopicAsync("shop", "readings");
        var empty = Render<PackagesPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        empty.WaitForAssertion(() => Assert.Contains("No function packages", empty.Markup, StringComparison.Ordinal), Soon);
        empty.Find("#package-name").Input("shout");
        await empty.Find("form").SubmitAsync();
        empty.WaitForAssertion(() => Assert.Contains("Choose a file first.", empty.Markup, StringComparison.Ordinal), Soon);
        empty
            .FindComponent<Microsoft.AspNetCore.Components.Forms.InputFile>()
            .UploadFiles(InputFileContent.CreateFromBinary(Both, "shout-1.0.jar"));
        await empty.Find("form").SubmitAsync();
        empty.WaitForAssertion(() => Assert.Contains("Uploaded shout@1.0. Java: 2 classes", empty.Markup, StringComparison.Ordinal), Soon);

        var catalog = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        catalog.WaitForAssertion(
            () =>
                Assert.EndsWith(
                    "connectors/new?type=function%3Apackage%3Adefault%2Fshout",
                    catalog.FindAll("td.name a")[^1].GetAttribute("href"),
                    StringComparison.Ordinal
                ),
            Soon
        );
        Use<Microsoft.AspNetCore.Components.NavigationManager>()
            .NavigateTo("o/northwind/tenants/shop/connectors/new?type=function%3Apackage%3Adefault%2Fshout");
        var wizard = Render<NewConnectorPage>(parameters => parameters.Add(one => one.Org, Org).Add(one => one.Tenant, "shop"));
        wizard.WaitForElement("#package-class", Soon);
        wizard.Find("#name").Input("loud");
        wizard.Find("#output-name").Input("shouted");
        wizard.Find("#package-class").Change("com.acme.Whisper");
        await wizard.Find("form").SubmitAsync();
        var made = (await Use<GetConnector>().RunAsync(Owner, Org, "shop", "default", "loud", ConnectorFamily.Functions, Stop)).Value;
        Assert.Equal(("package:shout", "java 1.0 com.acme.Whisper"), (made.Type, made.PackageText));
        var page = Render<PackagePage>(parameters =>
            parameters
                .Add(one => one.Org, Org)
                .Add(one => one.Tenant, "shop")
                .Add(one => one.Namespace, "default")
                .Add(one => one.Name, "shout")
        );
        page.WaitForAssertion(() => Assert.Contains(">loud<", page.Markup, StringComparison.Ordinal), Soon);
        Assert.DoesNotContain("Delete version", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_takes_its_packages_with_it()
    {
        await ReadyAsync();
        await UploadAsync(new MemoryStream(Shout));
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var tenant = await session.Tenants.FindAsync((await session.Organizations.FindAsync(Org, Stop))!.Id, "shop", Stop);
                await Use<INamespaceContents>()
                    .StartDeletingAsync(session, (await session.Tenants.FindNamespaceAsync(tenant!.Id, "default", Stop))!, false, Stop);
                return true;
            },
            Stop
        );
        Assert.Equal(ResourceState.Deleting, (await FindAsync("1.0"))!.State);
        await SettleAsync((await FindAsync("1.0"))!.Id);
        Assert.Empty(Packages.Kept);
    }

    private async Task ReadyAsync()
    {
        await TenantAsync();
        await AllowAsync();
        await PaygAsync();
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var tenant = await session.Tenants.FindAsync((await session.Organizations.FindAsync(Org, Stop))!.Id, "shop", Stop);
                (await session.Tenants.FindNamespaceAsync(tenant!.Id, "default", Stop))!.Ready(Clock.GetUtcNow());
                return true;
            },
            Stop
        );
    }

    private Task PaygAsync() =>
        Database.UpdateAsync(
            null,
            async session =>
            {
                (await session.Organizations.FindAsync(Org, Stop))!.ChangePlan(PlanCode.Payg, PayBy.Invoice);
                return true;
            },
            Stop
        );

    private async Task AllowAsync() => Assert.True((await AllowPackagesAsync("processes")).IsOk);

    private Task<Outcome<PackagePolicy>> AllowPackagesAsync(string isolation) =>
        Use<AllowPackages>().RunAsync(Owner with { IsOperator = true }, StandingCluster.Local.Name, isolation, null, Stop);

    private static NewPackage New(string name = "shout", string version = "1.0", string @namespace = "default") =>
        new(@namespace, name, version, null);

    private Task<Outcome<FunctionPackage>> UploadAsync(
        Stream content,
        string name = "shout",
        string version = "1.0",
        string @namespace = "default"
    ) => Use<UploadPackage>().RunAsync(Owner, Org, "shop", New(name, version, @namespace), content, Stop);

    private Task<Outcome<FunctionPackage>> DeleteAsync(string version) =>
        Use<DeletePackage>().RunAsync(Owner, Org, "shop", "default", "shout", version, Stop);

    private Task<Outcome<Connector>> UpdateAsync(ConnectorChange change) =>
        Use<UpdateConnector>().RunAsync(Owner, Org, "shop", "default", "loud", ConnectorFamily.Functions, change, Stop);

    private Task<Outcome<Connector>> CreateAsync(string type = "package:shout", string? version = null) =>
        Use<CreateConnector>()
            .RunAsync(
                Owner,
                Org,
                "shop",
                new("default", "loud", ConnectorKind.Function, type, ["default/readings"], null, true, Guarantee.AtLeastOnce, 1, [], false)
                {
                    Output = "default/shouted",
                    CreateOutput = true,
                    PackageVersion = version,
                },
                Stop
            );

    private async Task<FunctionPackage?> FindAsync(string version) =>
        (await Use<GetPackage>().RunAsync(Owner, Org, "shop", "default", "shout", version, Stop)) is { IsOk: true } found
            ? found.Value.Package
            : null;

    private async Task<IEnumerable<string>> AuditAsync() =>
        (await Use<Portal.Domain.Audit.ListAudit>().RunAsync(Owner, Org, new(), new PageRequest(), Stop)).Value.Items.Select(entry =>
            entry.Operation
        );

    private async Task<IReadOnlyList<WorkItem>> WorkAsync() =>
        [
            .. (
                await Database.ReadAsync(session => session.Work.ListAsync(new WorkFilter(Open: true), new PageRequest(), Stop), Stop)
            ).Items.Where(item => item.Kind == DeletePackageWork.Kind),
        ];

    private Task<StepResult> SweepAsync(PackageId id) =>
        new PackageSteps(Database, Packages, Clock).RunAsync(
            new(id),
            new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null),
            Stop
        );

    private async Task SettleAsync(PackageId id)
    {
        var done = Assert.IsType<StepResult.Done>(await SweepAsync(id));
        await Database.UpdateAsync(
            null,
            async session =>
            {
                await done.Settle!(session, Stop);
                return true;
            },
            Stop
        );
    }

    private async Task ApplyAsync(ConnectorId id)
    {
        await Database.UpdateAsync(
            null,
            async session =>
            {
                var organization = (await session.Organizations.FindAsync(Org, Stop))!;
                var tenant = (await session.Tenants.FindAsync(organization.Id, "shop", Stop))!;
                var inside = (await session.Tenants.FindNamespaceAsync(tenant.Id, "default", Stop))!;
                (await session.Topics.FindAsync(inside.Id, "shouted", null, Stop))!.Ready(Clock.GetUtcNow());
                return true;
            },
            Stop
        );
        var step = new ConnectorSteps(Database, Connectors, Cluster, Schemas, Subscriptions, Use<ISecretSeal>(), Clock);
        var done = Assert.IsType<StepResult.Done>(
            await step.RunAsync(
                new ApplyConnectorWork(id, false),
                new WorkTurn(new(Guid.CreateVersion7()), null, null, 0, Clock.GetUtcNow(), null),
                Stop
            )
        );
        await Database.UpdateAsync(
            null,
            async session =>
            {
                await done.Settle!(session, Stop);
                return true;
            },
            Stop
        );
    }
}
