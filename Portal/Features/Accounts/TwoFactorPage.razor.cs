using Microsoft.AspNetCore.Components;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;

namespace Portal.Features.Accounts;

public partial class TwoFactorPage
{
    private TwoFactorState? _state;
    private TotpSetup? _setup;
    private IReadOnlyList<string>? _codes;
    private Problem? _problem;

    [Inject]
    public required GetTwoFactor Get { get; init; }

    [Inject]
    public required BeginTotp Begin { get; init; }

    [Inject]
    public required ConfirmTotp Confirm { get; init; }

    [Inject]
    public required RenewRecoveryCodes Renew { get; init; }

    [Inject]
    public required DisableTotp Disable { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [SupplyParameterFromForm(FormName = "two-factor-on")]
    public AccountInput? Input { get; set; }

    [CascadingParameter]
    public required Actor Actor { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; set; }

    protected override async Task OnInitializedAsync()
    {
        Input ??= new();
        if (!(await Get.RunAsync(Actor, Context.RequestAborted)).TryGet(out _state, out _problem) || _state.IsOn)
            return;
        // The secret of the form that comes back, or a new one.
        if ((await Begin.RunAsync(Actor, Input.Token, Context.RequestAborted)).TryGet(out var setup, out _problem))
            _setup = setup;
    }

    private async Task ConfirmAsync()
    {
        if (_setup is null)
            return;
        if ((await Confirm.RunAsync(Actor, Input!.Token, Input.Code, Context.RequestAborted)).TryGet(out var codes, out _problem))
            _codes = codes;
    }

    private async Task RenewAsync()
    {
        if ((await Renew.RunAsync(Actor, Context.RequestAborted)).TryGet(out var codes, out _problem))
            _codes = codes;
    }

    private async Task DisableAsync()
    {
        if ((await Disable.RunAsync(Actor, Context.RequestAborted)).TryGet(out _, out _problem))
            Navigation.NavigateTo("/account/security");
    }
}
