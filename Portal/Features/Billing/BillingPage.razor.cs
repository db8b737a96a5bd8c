using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Billing;
using Portal.Domain.Common;
using Portal.Domain.Organizations;
using Portal.Domain.Plans;
using Portal.Ui;

namespace Portal.Features.Billing;

public partial class BillingPage
{
    private Loading<BillingView> _billing = new Loading<BillingView>.Pending();
    private Problem? _problem;
    private string? _said;
    private bool _busy;
    private bool _begins;

    [Parameter]
    public string Org { get; set; } = "";

    [SupplyParameterFromQuery]
    public string? After { get; set; }

    /// <summary>When the browser comes back from Checkout: <c>begin</c> where a plan waited for the card, else <c>done</c>.</summary>
    [SupplyParameterFromQuery]
    public string? Checkout { get; set; }

    [Inject]
    public required GetOrganizationSummary GetOrganizationSummary { get; init; }

    [Inject]
    public required GetPlans GetPlans { get; init; }

    [Inject]
    public required GetCurrentBill GetCurrentBill { get; init; }

    [Inject]
    public required GetOverdue GetOverdue { get; init; }

    [Inject]
    public required ListInvoices ListInvoices { get; init; }

    [Inject]
    public required ListPaymentMethods ListPaymentMethods { get; init; }

    [Inject]
    public required GetProof GetProof { get; init; }

    [Inject]
    public required StartCheckout StartCheckout { get; init; }

    [Inject]
    public required CompleteCheckout CompleteCheckout { get; init; }

    [Inject]
    public required KeepPlan KeepPlan { get; init; }

    [Inject]
    public required IDialogService Dialogs { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    protected override async Task OnParametersSetAsync()
    {
        if (Checkout is "done" or "begin" && RendererInfo.IsInteractive)
        {
            await CompleteAsync();
            Navigation.NavigateTo(Links.Billing(Org), replace: true);
        }
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        var entered = await GetOrganizationSummary.RunAsync(Actor, Org, Leaving);
        if (!entered.TryGet(out var summary, out var problem))
        {
            _billing = Loading.Of<BillingView>(problem);
            return;
        }
        var bill = await GetCurrentBill.RunAsync(Actor, Org, Leaving);
        var invoices = await ListInvoices.RunAsync(Actor, Org, PageRequest.OfPage(25, After), Leaving);
        var overdue = await GetOverdue.RunAsync(Actor, Org, Leaving);
        if ((bill.Problem ?? invoices.Problem ?? overdue.Problem) is { } refusal)
        {
            _billing = Loading.Of<BillingView>(refusal);
            return;
        }
        // The bill is ours; that Stripe does not answer now, or that a fresh proof is wanted, takes only the cards from the page.
        var proved = await GetProof.RunAsync(Actor, Leaving);
        var cards = proved is { IsOk: true, Value: false }
            ? null
            : (Outcome<IReadOnlyList<PaymentMethod>>?)await ListPaymentMethods.RunAsync(Actor, Org, Leaving);
        _billing = new Loading<BillingView>.Ready(
            new(
                summary.Access.Organization,
                summary.Plan,
                bill.Value,
                invoices.Value,
                cards is { IsOk: true } there ? there.Value : null,
                cards?.Problem,
                summary.Access.Allows(Permission.ManageBilling),
                overdue.Value
            )
        );
    }

    /// <summary>What the portal knows itself: cards are asked for once, since Stripe has them.</summary>
    private async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        if (_billing.ValueOrDefault is not { } shown)
            return true;
        var summary = await GetOrganizationSummary.RunAsync(Actor, Org, cancellationToken);
        var bill = await GetCurrentBill.RunAsync(Actor, Org, cancellationToken);
        var invoices = await ListInvoices.RunAsync(Actor, Org, PageRequest.OfPage(25, After), cancellationToken);
        var overdue = await GetOverdue.RunAsync(Actor, Org, cancellationToken);
        if (!(summary.IsOk && bill.IsOk && invoices.IsOk && overdue.IsOk))
            return false;
        _billing = new Loading<BillingView>.Ready(
            shown with
            {
                Organization = summary.Value.Access.Organization,
                Plan = summary.Value.Plan,
                Bill = bill.Value,
                Invoices = invoices.Value,
                Overdue = overdue.Value,
            }
        );
        StateHasChanged();
        return true;
    }

    private async Task CompleteAsync()
    {
        var done = await CompleteCheckout.RunAsync(Actor, Org, Leaving);
        if (!done.TryGet(out var completed, out _problem))
            return;
        _said = completed switch
        {
            // Stripe's event may have come before the browser did.
            { PlanBegan: true }
            or { HasCard: true, Paying: false, Organization.PendingUpgrade: null }
                when completed.PlanBegan || Checkout == "begin" && completed.Organization.Plan.IsCharged() =>
                $"Card saved. You are now on {(await GetPlans.RunAsync(Leaving)).NameOf(completed.Organization.Plan)}.",
            { Paying: true } => "Card saved. We're charging your open invoices to it.",
            { HasCard: true } => "Card saved.",
            _ => "No card was added, and your plan stays the same.",
        };
    }

    private string ConfirmLink => $"account/confirm?returnUrl={Uri.EscapeDataString("/" + Links.Billing(Org))}";

    private Task AddCardAsync() =>
        BusyAsync(async () =>
        {
            var started = await StartCheckout.RunAsync(
                Actor,
                Org,
                $"/{Links.Billing(Org)}?checkout={(_billing.ValueOrDefault?.Organization.PendingUpgrade is not null || _begins ? "begin" : "done")}",
                new Uri(Navigation.BaseUri),
                Leaving
            );
            if (started.TryGet(out var page, out _problem))
                Navigation.NavigateTo(page.AbsoluteUri, forceLoad: true);
        });

    private async Task ChangeAsync(PlanCode plan, string name)
    {
        (_problem, _said) = (null, null);
        var parameters = new DialogParameters<ChangePlanDialog>
        {
            { shown => shown.Org, Org },
            { shown => shown.Plan, plan },
            { shown => shown.Name, name },
        };
        var dialog = await Dialogs.ShowAsync<ChangePlanDialog>(
            $"Change to {name}",
            parameters,
            new DialogOptions { FullWidth = true, MaxWidth = MaxWidth.Small }
        );
        if (await dialog.Result is not { Canceled: false, Data: PlanChanged changed })
            return;
        if (changed.NeedsCard)
        {
            _begins = true;
            await AddCardAsync();
            // Where Stripe's page does not open, this one says what is missing.
            if (_problem is null)
                return;
        }
        else
        {
            _said = plan == PlanCode.Free ? $"You changed to {name}. Charges stop at the next full hour." : $"You are now on {name}.";
        }
        await LoadAsync();
    }

    private Task FinishAsync() =>
        BusyAsync(async () =>
        {
            await CompleteAsync();
            await LoadAsync();
        });

    private Task KeepAsync(string name) =>
        BusyAsync(async () =>
        {
            var kept = await KeepPlan.RunAsync(Actor, Org, Leaving);
            _problem = kept.Problem;
            if (kept.IsOk)
                _said = $"You stay on {name}. Nothing was charged.";
            await LoadAsync();
        });

    private async Task BusyAsync(Func<Task> work)
    {
        (_busy, _problem, _said) = (true, null, null);
        try
        {
            await work();
        }
        finally
        {
            _busy = false;
        }
    }

    private sealed record BillingView(
        Organization Organization,
        EffectivePlan Plan,
        CurrentBill Bill,
        PageOf<Invoice> Invoices,
        IReadOnlyList<PaymentMethod>? Cards,
        Problem? CardsProblem,
        bool MayManage,
        OverdueView? Overdue
    );
}
