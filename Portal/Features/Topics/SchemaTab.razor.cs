using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Topics;
using Portal.Ui;

namespace Portal.Features.Topics;

public partial class SchemaTab
{
    private Loading<SchemaVersion> _schema = new Loading<SchemaVersion>.Pending();
    private (TopicId Topic, long? Version)? _shown;
    private string? _done;

    /// <summary>
    /// Whether there is one was answered: what stands beside it waits for that, or a button would go away under the hand.
    /// </summary>
    private bool _known;

    /// <summary>The list of versions begins anew with each.</summary>
    private int _round;

    [Parameter, EditorRequired]
    public required string Org { get; set; }

    [Parameter, EditorRequired]
    public required Topic Topic { get; set; }

    /// <summary>Null for the newest.</summary>
    [Parameter]
    public long? Version { get; set; }

    /// <summary>The version that it is compared with; null for none.</summary>
    [Parameter]
    public long? With { get; set; }

    [Inject]
    public required GetSchemaVersion GetSchemaVersion { get; init; }

    [Inject]
    public required DeleteSchema DeleteSchema { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    private string Here => Links.Topic(Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, "schema");

    // After the page is painted: a cluster that hangs keeps nobody from reading it.
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (Topic.State != ResourceState.Ready || _shown == (Topic.Id, Version))
            return;
        _shown = (Topic.Id, Version);
        _schema = new Loading<SchemaVersion>.Pending();
        await LoadAsync();
        StateHasChanged();
    }

    private async Task LoadAsync()
    {
        var asked = _shown;
        var found = await GetSchemaVersion.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, Version, Leaving);
        if (asked == _shown)
            (_schema, _known) = (found, true); // else another version was chosen meanwhile
    }

    private async Task UploadAsync()
    {
        var dialog = await Dialogs.ShowAsync<UploadSchemaDialog>(
            "Upload schema",
            new DialogParameters<UploadSchemaDialog>
            {
                { opened => opened.Org, Org },
                { opened => opened.Topic, Topic },
                { opened => opened.Newest, _schema.ValueOrDefault },
            },
            new DialogOptions { MaxWidth = MaxWidth.Medium, FullWidth = true }
        );
        if (await dialog.GetReturnValueAsync<long?>() is { } version)
            await BeginAgainAsync($"The topic's schema is now at version {version}.");
    }

    private async Task DeleteAsync()
    {
        var deleted = await Dialogs.ConfirmAsync(
            "Delete schema",
            $"Delete the schema of {Topic.Name} with all its versions? Messages stay, but those in Avro or Protobuf can no longer "
                + "be decoded. The next client that connects with a schema registers its own.",
            Topic.Name,
            "Delete schema",
            async (_, cancellationToken) =>
                (await DeleteSchema.RunAsync(Actor, Org, Topic.TenantName, Topic.NamespaceName, Topic.Name, cancellationToken)).Problem
        );
        if (deleted)
            await BeginAgainAsync("Schema deleted.");
    }

    private async Task BeginAgainAsync(string done)
    {
        (_done, _round) = (done, _round + 1);
        if (Version is null && With is null)
            await LoadAsync();
        else
        {
            _shown = null; // the newest may be the version that is shown now
            Navigation.NavigateTo(Here);
        }
    }
}
