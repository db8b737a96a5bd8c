using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Clusters;
using Portal.Domain.Common;
using Portal.Ui;

namespace Portal.Features.Operator;

public partial class ClusterDialog
{
    private string _name = "";
    private string _adminUrl = "";
    private string _brokerUrl = "";
    private string _webSocketUrl = "";
    private string _region = "";
    private string _adminToken = "";
    private string _privateKey = "";
    private bool _busy;
    private bool _showsResult;
    private ElementReference _result;
    private Problem? _problem;
    private (string Name, ClusterInput Input, ClusterPreflight Found)? _checked;

    [Inject]
    public required PreflightCluster Preflight { get; init; }

    [Inject]
    public required RegisterCluster Register { get; init; }

    [Inject]
    public required ChangeCluster Change { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>The one to change; null to register one.</summary>
    [Parameter]
    public RegisteredCluster? Registered { get; set; }

    private ClusterInput Input => new(_adminUrl, _brokerUrl, _webSocketUrl, _adminToken, _privateKey) { Region = _region };

    /// <summary>What the check found of exactly what stands in the form now.</summary>
    private ClusterPreflight? Found => _checked is { } done && done.Name == _name && done.Input == Input ? done.Found : null;

    private string? FieldOfProblem =>
        _problem switch
        {
            Problem.Invalid invalid => invalid.Field,
            Problem.Conflict conflict => conflict.Field,
            _ => null,
        };

    private bool HasField => FieldOfProblem is not null;

    protected override void OnInitialized()
    {
        if (Registered is not { } there)
            return;
        (_name, _adminUrl, _brokerUrl, _webSocketUrl, _region) = (
            there.Name,
            there.AdminUrls.Replace(",", ", ", StringComparison.Ordinal),
            there.BrokerUrl ?? "",
            there.WebSocketUrl ?? "",
            there.Region ?? ""
        );
    }

    // What was found stands above the form, which may be scrolled to its end.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!_showsResult)
            return;
        _showsResult = false;
        await _result.FocusAsync();
    }

    private async Task CheckAsync()
    {
        (_busy, _problem, _checked) = (true, null, null);
        var (name, input) = (_name, Input);
        if ((await Preflight.RunAsync(Actor, name, input, Leaving)).TryGet(out var found, out _problem))
            (_checked, _showsResult) = ((name, input, found), true);
        _busy = false;
    }

    private async Task SaveAsync()
    {
        _busy = true;
        var saved = Registered is { } there
            ? await Change.RunAsync(Actor, there.Name, Input, Leaving)
            : await Register.RunAsync(Actor, _name, Input, Leaving);
        (_busy, _problem) = (false, saved.Problem);
        if (saved.IsOk)
            Dialog.Close(true);
    }

    private string SaveWords(ClusterPreflight found) =>
        (_busy, Registered is null, found.IsUsable) switch
        {
            (true, _, _) => "Working…",
            (_, true, true) => "Register cluster",
            (_, true, false) => "Register anyway",
            (_, false, true) => "Save changes",
            (_, false, false) => "Save anyway",
        };

    private static string Summary(ClusterPreflight found) =>
        found.Findings.Count(finding => finding.State == FindingState.Bad) is > 0 and var failed ? $"{Counted.Of(failed, "check")} failed."
        : found.Findings.Count(finding => finding.State == FindingState.Warning) is > 0 and var warned
            ? $"The cluster can be used. {Counted.Of(warned, "warning")}."
        : "Everything is as it should be.";

    private string? ErrorOf(string field) => FieldOfProblem == field ? _problem?.Message : null;

    private static string Secret(string hint, string? stored) => stored is null ? hint : $"{hint} Leave empty to keep the current one.";

    private static string Words(FindingState state) =>
        state switch
        {
            FindingState.Good => "OK",
            FindingState.Warning => "warning",
            FindingState.Bad => "failed",
            _ => "not checked",
        };

    private static string Mood(FindingState state) =>
        state switch
        {
            FindingState.Good => "good",
            FindingState.Warning => "warn",
            FindingState.Bad => "bad",
            _ => "",
        };
}
