using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Components;
using Portal.Domain.Common;
using Portal.Domain.Connectors;
using Portal.Ui;

namespace Portal.Features.Operator;

public partial class ConnectorTermsPage
{
    private const string Open = "open",
        Hide = "hide",
        Fix = "fix";

    private Loading<OperatedConnector> _found = new Loading<OperatedConnector>.Pending();
    private List<Row> _rows = [];
    private string _note = "",
        _new = "";
    private Problem? _problem;
    private bool _busy,
        _saved;

    /// <summary>One setting while somebody decides whose it is.</summary>
    private sealed class Row(ConnectorField setting, bool isStored)
    {
        public ConnectorField Field => setting;

        /// <summary>A secret that is there already: nothing typed keeps it.</summary>
        public bool IsStored => isStored;
        public string Choice { get; set; } = Open;
        public string Value { get; set; } = "";
    }

    [Inject]
    public required GetConnectorTerms GetConnectorTerms { get; init; }

    [Inject]
    public required SetConnectorTerms SetConnectorTerms { get; init; }

    [Parameter]
    public string Cluster { get; set; } = "";

    [Parameter]
    public string Kind { get; set; } = "";

    [Parameter]
    public string Type { get; set; } = "";

    private bool IsAtField =>
        _problem is Problem.Invalid { Field: { } name } && (name == "note" || name.StartsWith("fixed.", StringComparison.Ordinal));

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        ConnectorWords.TryKind(Kind, out var kind);
        Show(await GetConnectorTerms.RunAsync(Actor, Cluster, kind, kind.Text() == Kind ? Type : null, Leaving));
    }

    private void Show(Outcome<OperatedConnector> found)
    {
        _found = found;
        if (!found.TryGet(out var operated, out _))
            return;
        var (definition, terms) = (operated.Definition, operated.Terms);
        _note = terms.Note ?? "";
        var named = definition.IsOpen
            ? terms.Hidden.Concat(terms.Fixed.Select(pair => pair.Key)).Concat(terms.FixedSecrets).Select(name => definition.Find(name)!)
            : definition.Fields;
        _rows =
        [
            .. named.Select(field => new Row(field, terms.FixedSecrets.Contains(field.Name))
            {
                Choice =
                    terms.Fixes(field.Name) ? Fix
                    : terms.Closes(field.Name) ? Hide
                    : Open,
                Value = ConnectorConfiguration.Shown(terms.Fixed[field.Name]),
            }),
        ];
    }

    private void Add()
    {
        var name = _new.Trim();
        if (name.Length == 0 || _found.ValueOrDefault is not { } found || _rows.Any(row => row.Field.Name == name))
            return;
        _rows.Add(new(found.Definition.Find(name)!, isStored: false) { Choice = Fix });
        _new = "";
    }

    private async Task SaveAsync()
    {
        if (_busy || _found.ValueOrDefault is not { } found)
            return;
        (_busy, _saved) = (true, false);
        var fixedValues = new JsonObject();
        foreach (var row in _rows.Where(row => row.Choice == Fix))
            fixedValues[row.Field.Name] = ConnectorConfiguration.Typed(row.Field, row.Value);
        var wanted = new WantedTerms(_note, [.. _rows.Where(row => row.Choice == Hide).Select(row => row.Field.Name)], fixedValues);
        var type = found.Definition.Type;
        var set = await SetConnectorTerms.RunAsync(Actor, Cluster, type.Kind, type.Name, wanted, Leaving);
        (_problem, _busy, _saved) = (set.Problem, false, set.IsOk);
        if (set.IsOk)
            Show(set);
    }

    private string? At(string field) => _problem is Problem.Invalid invalid && invalid.Field == field ? invalid.Message : null;
}
