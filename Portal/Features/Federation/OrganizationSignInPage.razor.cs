using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.Federation;
using Portal.Ui;

namespace Portal.Features.Federation;

public partial class OrganizationSignInPage
{
    private Loading<OrganizationSignInView> _view = new Loading<OrganizationSignInView>.Pending();
    private string? _shown;
    private string _issuer = "";
    private string _clientId = "";
    private string _secret = "";
    private string _domain = "";
    private string _role = "viewer";
    private Problem? _problem;
    private Problem? _ruleProblem;

    [Inject]
    public required GetOrganizationSignIn Get { get; init; }

    [Inject]
    public required SaveOrganizationSignIn Save { get; init; }

    [Inject]
    public required RequireOrganizationSignIn Require { get; init; }

    [Inject]
    public required RemoveOrganizationSignIn Remove { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Parameter]
    public string Org { get; set; } = "";

    private string? ErrorField => (_problem as Problem.Invalid)?.Field;

    // Once for an organization: a page that renders again does not take back what is typed.
    protected override Task OnParametersSetAsync() => _shown == Org ? Task.CompletedTask : LoadAsync();

    private async Task LoadAsync()
    {
        _shown = Org;
        Show(await Get.RunAsync(Actor, Org, Leaving));
    }

    private async Task SaveAsync()
    {
        var saved = await Save.RunAsync(Actor, Org, new(_issuer, _clientId, _secret, _domain, _role), Leaving);
        _problem = saved.Problem;
        if (saved.IsOk)
            Show(saved);
    }

    private async Task RequireAsync(bool isOnlyWay)
    {
        var changed = await Require.RunAsync(Actor, Org, isOnlyWay, Leaving);
        _ruleProblem = changed.Problem;
        if (changed.IsOk)
            _view = changed;
    }

    private async Task RemoveAsync()
    {
        var removed = await Dialogs.ConfirmAsync(
            "Remove the sign-in",
            "Nobody can sign in through your provider anymore. Members and accounts stay. Anyone without a password can set one by email.",
            Org,
            "Remove",
            async (_, cancellationToken) => (await Remove.RunAsync(Actor, Org, cancellationToken)).Problem
        );
        if (removed)
            await LoadAsync();
    }

    private void Show(Outcome<OrganizationSignInView> view)
    {
        _view = view;
        _secret = "";
        if (!view.TryGet(out var shown, out _))
            return;
        (_issuer, _clientId, _domain, _role) = shown.Settings is { } settings
            ? (settings.Issuer, settings.ClientId, settings.Domain, settings.DefaultRole.ToString().ToLowerInvariant())
            : ("", "", "", "viewer");
    }

    private string? ErrorOf(string field) => ErrorField == field ? _problem?.Message : null;
}
