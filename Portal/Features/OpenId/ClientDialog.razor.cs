using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Common;
using Portal.Domain.OpenId;

namespace Portal.Features.OpenId;

public partial class ClientDialog
{
    private readonly HashSet<string> _scopes = [OidcScopes.OpenId, OidcScopes.Profile, OidcScopes.Email];
    private string _name = "";
    private string _redirects = "";
    private string _signOuts = "";
    private bool _confidential = true;
    private bool _actsAlone;
    private bool _busy;
    private Problem? _problem;
    private NewOidcClient? _made;
    private Uri? _issuer;

    [Inject]
    public required RegisterOidcClient Register { get; init; }

    [Inject]
    public required ChangeOidcClient Change { get; init; }

    [Inject]
    public required GetIssuer GetIssuer { get; init; }

    [CascadingParameter]
    public required IMudDialogInstance Dialog { get; set; }

    /// <summary>Null for the platform's.</summary>
    [Parameter]
    public string? Org { get; set; }

    /// <summary>The one to change; null to register one.</summary>
    [Parameter]
    public OidcClient? Client { get; set; }

    /// <summary>Only shows this one and its secret.</summary>
    [Parameter]
    public NewOidcClient? Made { get; set; }

    private string Title =>
        _made is not null ? _made.Client.Name
        : Client is null ? "Register an application"
        : "Change the application";

    private string? Field =>
        _problem switch
        {
            Problem.Invalid invalid => invalid.Field,
            _ => null,
        };

    protected override async Task OnInitializedAsync()
    {
        _issuer = await GetIssuer.RunAsync(Leaving);
        _made = Made;
        if (Client is not { } client)
            return;
        (_name, _confidential, _actsAlone) = (client.Name, client.IsConfidential, client.ActsAlone);
        (_redirects, _signOuts) = (string.Join('\n', client.RedirectUris), string.Join('\n', client.SignOutUris));
        _scopes.Clear();
        _scopes.UnionWith(client.Scopes);
    }

    private void Toggle(string scope)
    {
        if (!_scopes.Remove(scope))
            _scopes.Add(scope);
    }

    private async Task SaveAsync()
    {
        _busy = true;
        var request = new OidcClientRequest(_name, _confidential, _actsAlone, Lines(_redirects), Lines(_signOuts), [.. _scopes]);
        if (Client is { } client)
        {
            _problem = (await Change.RunAsync(Actor, Org, client.Id, request, Leaving)).Problem;
            if (_problem is null)
                Dialog.Close(true);
        }
        else if ((await Register.RunAsync(Actor, Org, request, Leaving)).TryGet(out var made, out _problem))
        {
            _made = made;
        }
        _busy = false;
    }

    private string? ErrorOf(string field) => Field == field ? _problem?.Message : null;

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
