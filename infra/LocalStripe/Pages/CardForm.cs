using LocalStripe.Payments;

namespace LocalStripe.Pages;

/// <summary>Stripe's test cards as choices, and a field for those who would rather type one of their numbers.</summary>
internal static class CardForm
{
    public sealed record Content(string Title, string Lead, string Action, string Button, string? CancelUrl, string? Problem, string Typed);

    public static string Body(Content content)
    {
        var choices = string.Concat(
            TestCards.All.Select(
                (card, index) =>
                    $"""
                        <label class="choice"><input type="radio" name="card" value="{card.Key}"{(index == 0 ? " checked" : "")}>
                        <span><span class="number">{card.Spaced}</span><span class="soft">{Html.Escape(card.Says)}</span></span></label>
                        """
            )
        );
        var problem = content.Problem is null ? "" : $"""<p class="problem" role="alert">{Html.Escape(content.Problem)}</p>""";
        var back = content.CancelUrl is null ? "" : $"""<a class="back" href="{Html.Escape(content.CancelUrl)}">Cancel and go back</a>""";
        return $"""
            <h1>{Html.Escape(content.Title)}</h1>
            <p class="soft">{Html.Escape(content.Lead)}</p>
            {problem}
            <form method="post" action="{Html.Escape(content.Action)}">
            <fieldset><legend>Test card</legend>
            {choices}
            </fieldset>
            <fieldset><legend>Or type a test card number</legend>
            <label class="field">Card number<input name="number" inputmode="numeric" autocomplete="off" maxlength="23" value="{Html.Escape(
                content.Typed
            )}" placeholder="4242 4242 4242 4242"></label>
            <div class="pair">
            <label class="field">Expiry<input name="expiry" inputmode="numeric" autocomplete="off" maxlength="9" placeholder="12/34"></label>
            <label class="field">Security code<input name="cvc" inputmode="numeric" autocomplete="off" maxlength="4" placeholder="123"></label>
            </div>
            </fieldset>
            <button type="submit">{Html.Escape(content.Button)}</button>
            </form>
            {back}
            """;
    }
}
