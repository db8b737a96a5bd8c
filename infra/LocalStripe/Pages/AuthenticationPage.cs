namespace LocalStripe.Pages;

/// <summary>Plays the card owner's bank.</summary>
internal static class AuthenticationPage
{
    public static string Body(string action, string purpose) =>
        $"""
            <h1>Your bank asks for confirmation</h1>
            <p>Confirm that you want to {Html.Escape(purpose)}. A real bank would ask in its app or by text message.</p>
            <form method="post" action="{Html.Escape(action)}">
            <button type="submit" name="answer" value="complete">Complete authentication</button>
            <button type="submit" name="answer" value="fail" class="quiet">Fail authentication</button>
            </form>
            """;
}
