using MudBlazor;
using Portal.Domain.Common;

namespace Portal.Ui;

public static class Confirmations
{
    /// <summary>Opens <see cref="ConfirmDialog"/>; true when the action was confirmed and done.</summary>
    public static async Task<bool> ConfirmAsync(
        this IDialogService dialogs,
        string title,
        string sentence,
        string? name,
        string action,
        Func<bool, CancellationToken, Task<Problem?>> run,
        string? forceLabel = null
    )
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { dialog => dialog.Title, title },
            { dialog => dialog.Sentence, sentence },
            { dialog => dialog.Name, name },
            { dialog => dialog.Action, action },
            { dialog => dialog.Run, run },
            { dialog => dialog.ForceLabel, forceLabel },
        };
        var dialog = await dialogs.ShowAsync<ConfirmDialog>(title, parameters);
        return await dialog.Result is { Canceled: false };
    }
}
