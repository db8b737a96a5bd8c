using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class UploadSchemaDialog
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private string _type = "JSON";
    private string _definition = "";
    private (string Name, string Text)? _file;
    private bool _busy;
    private bool _checking;
    private Problem? _problem;
    private string? _fine;

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    /// <summary>What the new version begins with; null for a topic without a schema.</summary>
    [Parameter]
    public SchemaVersion? Newest { get; set; }

    [Inject]
    public required CheckSchema CheckSchema { get; init; }

    [Inject]
    public required UploadSchema UploadSchema { get; init; }

    private bool IsPlain => SchemaDefinition.Plain.Contains(_type);

    private string Definition => IsPlain ? "" : _file?.Text ?? _definition;

    private string TypeHint =>
        _type switch
        {
            "JSON" => "Messages are JSON. Pulsar describes their fields as an Avro record.",
            "AVRO" => "Messages are in Avro's binary form.",
            "PROTOBUF" => "Messages are in Protobuf's binary form. Pulsar describes their fields as an Avro record.",
            "PROTOBUF_NATIVE" => "Messages are in Protobuf's binary form, described by a Protobuf descriptor.",
            _ => "Messages are single values of this type.",
        };

    private string DefinitionHint =>
        SchemaDefinition.IsAvro(_type)
            ? """An Avro record: {"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}"""
            : """JSON with fileDescriptorSet (base64), rootMessageTypeName and rootFileDescriptorName.""";

    protected override void OnInitialized()
    {
        if (Newest is null || !SchemaDefinition.Types.Contains(Newest.Type))
            return;
        _type = Newest.Type;
        // Evolved from what there is, unless that is more than a field holds.
        if (SchemaLines.Pretty(Newest.Definition) is { Length: < TextInput.Longest } text)
            _definition = text;
    }

    private static string? Field(Problem? problem) =>
        problem switch
        {
            Problem.Invalid { Field: { } field } => field,
            Problem.Conflict { Field: { } field } => field,
            _ => null,
        };

    private string? ErrorOf(string field) => Field(_problem) == field ? _problem!.Message : null;

    /// <summary>What was said is about what stood there then.</summary>
    private void Typed() => (_problem, _fine) = (null, null);

    private void DropFile()
    {
        _file = null;
        Typed();
    }

    private async Task ReadFileAsync(InputFileChangeEventArgs chosen)
    {
        Typed();
        if (chosen.File.Size > SchemaDefinition.Largest)
        {
            _problem = new Problem.Invalid(
                "schema-too-large",
                $"{chosen.File.Name} is {ByteSize.Text(chosen.File.Size)}. A definition can be at most "
                    + $"{ByteSize.Text(SchemaDefinition.Largest)}.",
                "definition"
            );
            return;
        }
        try
        {
            using var held = new MemoryStream();
            await using var file = chosen.File.OpenReadStream(SchemaDefinition.Largest, Leaving);
            await file.CopyToAsync(held, Leaving);
            _file = (chosen.File.Name, Strict.GetString(held.ToArray()).TrimStart('\uFEFF'));
        }
        catch (DecoderFallbackException)
        {
            _problem = new Problem.Invalid("schema-malformed", $"{chosen.File.Name} isn't a text file in UTF-8.", "definition");
        }
        catch (IOException)
        {
            _problem = new Problem.Invalid(
                "schema-malformed",
                $"We couldn't read {chosen.File.Name}. Choose it again, or paste its text.",
                "definition"
            );
        }
    }

    private async Task CheckAsync()
    {
        if (_busy)
            return;
        (_busy, _checking, _fine) = (true, true, null);
        var found = await CheckSchema.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, _type, Definition, Leaving);
        (_busy, _checking) = (false, false);
        _problem =
            found.Problem
            ?? (found.Value.Clash is { } clash ? new Problem.Conflict("schema-incompatible", clash.Sentence, "definition") : null);
        _fine =
            _problem is not null ? null
            : Newest is null ? "This schema can be uploaded."
            : "This schema is compatible and can be uploaded.";
    }

    private async Task UploadAsync()
    {
        if (_busy)
            return;
        (_busy, _fine) = (true, null);
        var uploaded = await UploadSchema.RunAsync(
            Actor,
            Org,
            Topic.TenantName,
            Topic.NamespaceName,
            Topic.Name,
            _type,
            Definition,
            Leaving
        );
        (_busy, _problem) = (false, uploaded.Problem);
        if (uploaded.IsOk)
            Dialog.Close<long?>(uploaded.Value);
    }
}
