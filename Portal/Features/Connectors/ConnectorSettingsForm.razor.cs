using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Domain.Connectors;

namespace Portal.Features.Connectors;

public partial class ConnectorSettingsForm
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private readonly PackageVersionChoice _versions = new();
    private ConnectorDraft? _draft;
    private IReadOnlyList<Problem.Invalid> _problems = [];
    private Problem? _problem;
    private string _instances = "1";

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required string Tenant { get; set; }

    [Parameter, EditorRequired]
    public required Connector Connector { get; set; }

    [Parameter, EditorRequired]
    public required ConnectorDefinition Definition { get; set; }

    /// <summary>What instances say about settings: said at the setting while it is corrected.</summary>
    [Parameter]
    public IReadOnlyList<Problem.Invalid> Troubles { get; set; } = [];

    /// <summary>Saved, or given up.</summary>
    [Parameter]
    public EventCallback Done { get; set; }

    [Inject]
    public required ListPackageVersions ListPackageVersions { get; init; }

    [Inject]
    public required UpdateConnector UpdateConnector { get; init; }

    private string FirstTopic => $"{Connector.NamespaceName}/{Connector.ShortTopic(Connector.Topics[0]).Split('/')[^1]}";

    protected override async Task OnInitializedAsync()
    {
        (_problems, _instances) = (Troubles, Connector.Instances.ToString(Invariant));
        if (PackageUse.NameIn(Connector.Type) is { } package)
            await _versions.ReadAsync(
                ListPackageVersions,
                Actor,
                (Org, Tenant, Connector.NamespaceName, package),
                Connector.Package,
                Leaving
            );
        _draft = new(Definition, (JsonObject)ForeignJson.ParseNode(Connector.Configuration)!);
    }

    /// <summary>What a trial met with at a setting is said there.</summary>
    private void Mark(IReadOnlyList<Problem.Invalid> problems)
    {
        _problems = problems;
        StateHasChanged();
    }

    private async Task SaveAsync()
    {
        if (_draft is not { } draft)
            return;
        if (!draft.Configuration().TryGet(out var configuration, out var malformed))
        {
            _problems = [(Problem.Invalid)malformed];
            return;
        }
        _problems = ConnectorConfiguration.Check(Definition, configuration, Connector.SecretFields.ToList());
        if (_problems.Count > 0)
            return;
        var saved = await UpdateConnector.RunAsync(
            Actor,
            Org,
            Tenant,
            Connector.NamespaceName,
            Connector.Name,
            Connector.Kind.Family(),
            new(null, InstancesOr(0), configuration)
            {
                Secrets = draft.HiddenNames,
                PackageVersion = _versions.Version,
                ClassName = _versions.Class,
            },
            Leaving
        );
        // What belongs to a setting is said there.
        var atField =
            saved.Problem is Problem.Invalid { Field: { } field } wrong
            && field.StartsWith(ConnectorConfiguration.FieldName(""), StringComparison.Ordinal)
                ? wrong
                : null;
        (_problem, _problems) = (atField is null ? saved.Problem : null, atField is null ? [] : [atField]);
        if (saved.IsOk)
            await Done.InvokeAsync();
    }

    /// <summary>What saving would change, as far as what is typed can be read.</summary>
    private IReadOnlyList<SettingChange> Changes =>
        _draft is { } draft && draft.Configuration().TryGet(out var configuration, out _)
            ? SettingChange.Between(Connector, InstancesOr(Connector.Instances), configuration, draft.HiddenNames, NewPackage)
            : [];

    private PackageUse? NewPackage =>
        Connector.Package is { } present && _versions.Version is { } version
            ? present with
            {
                Version = version,
                Class = _versions.Class,
            }
            : null;

    private int InstancesOr(int otherwise) =>
        int.TryParse(_instances.Trim(), NumberStyles.None, Invariant, out var many) ? many : otherwise;
}
