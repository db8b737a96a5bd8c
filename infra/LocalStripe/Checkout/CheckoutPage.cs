using System.Text.Json.Nodes;
using LocalStripe.Pages;
using LocalStripe.Payments;
using LocalStripe.Storage;

namespace LocalStripe.Checkout;

/// <summary>The hosted page behind a session's <c>url</c>, and its authentication step.</summary>
internal sealed class CheckoutPage(Database database)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/c/pay/{id}", (HttpContext context, string id) => ShowAsync(context, id));
        app.MapPost("/c/pay/{id}", (HttpContext context, string id) => SaveCardAsync(context, id));
        app.MapGet("/c/pay/{id}/authenticate", (HttpContext context, string id) => AskAsync(context, id));
        app.MapPost("/c/pay/{id}/authenticate", (HttpContext context, string id) => AuthenticateAsync(context, id));
    }

    private async Task ShowAsync(HttpContext context, string id)
    {
        var session = await database.RunAsync(work => Open(work, id), context.RequestAborted);
        await (session is null ? GoneAsync(context) : FormAsync(context, session, null, ""));
    }

    private async Task SaveCardAsync(HttpContext context, string id)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var step = await database.RunAsync(
            work =>
            {
                if (Open(work, id) is not { } session)
                    return new Step(null, null, null);
                var choice = CardChoice.Read(form, DateTimeOffset.FromUnixTimeSeconds(work.Now));
                if (choice.Card is not { } card)
                    return new Step(session, null, choice.Problem);
                var intent = work.Get("setup_intent", session.Text("setup_intent"));
                if (card.SetupDecline is { } decline)
                {
                    SetupIntents.Fail(work, intent, TestCards.Sentence(decline), TestCards.ErrorCode(decline), decline);
                    return new Step(session, null, $"{TestCards.Sentence(decline)} Try another card.");
                }

                var method = PaymentMethods.New(
                    work,
                    card,
                    choice.ExpiresMonth,
                    choice.ExpiresYear,
                    wasSetUp: card.Authentication == Authentication.Never
                );
                if (card.Authentication == Authentication.Never)
                    return Finish(work, session, intent, method);
                SetupIntents.RequireAction(work, intent, method);
                return new Step(session, $"/c/pay/{id}/authenticate", null);
            },
            context.RequestAborted
        );
        await NextAsync(context, step, form["number"].ToString());
    }

    private async Task AskAsync(HttpContext context, string id)
    {
        var session = await database.RunAsync(work => WaitsForAuthentication(work, id) ? Open(work, id) : null, context.RequestAborted);
        if (session is null)
        {
            context.Response.Redirect($"/c/pay/{id}");
            return;
        }

        await Html.WriteAsync(
            context,
            "Authentication",
            AuthenticationPage.Body($"/c/pay/{id}/authenticate", "save this card"),
            Targets(session)
        );
    }

    private async Task AuthenticateAsync(HttpContext context, string id)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var step = await database.RunAsync(
            work =>
            {
                if (Open(work, id) is not { } session)
                    return new Step(null, null, null);
                if (!WaitsForAuthentication(work, id))
                    return new Step(session, $"/c/pay/{id}", null);
                var intent = work.Get("setup_intent", session.Text("setup_intent"));
                if (form["answer"] != "complete")
                {
                    const string message =
                        "We are unable to authenticate your payment method. Please choose a different payment method and try again.";
                    SetupIntents.Fail(work, intent, message, "setup_intent_authentication_failure", null);
                    return new Step(session, null, "The authentication failed. Try again, or choose another card.");
                }

                var method = work.Get("payment_method", intent.Text("payment_method"));
                var hidden = work.Hidden(method.Text("id"));
                hidden["was_set_up"] = true;
                work.SetHidden(method.Text("id"), hidden);
                return Finish(work, session, intent, method);
            },
            context.RequestAborted
        );
        await NextAsync(context, step, "");
    }

    private static Step Finish(Work work, JsonObject session, JsonObject intent, JsonObject method)
    {
        SetupIntents.Succeed(work, intent, method);
        CheckoutSessions.Complete(work, session, work.Get("customer", session.Text("customer")));
        var target = session
            .Text("success_url")
            .Replace("{CHECKOUT_SESSION_ID}", session.Text("id"), StringComparison.Ordinal)
            .Replace("%7BCHECKOUT_SESSION_ID%7D", session.Text("id"), StringComparison.OrdinalIgnoreCase);
        return new Step(session, target, null);
    }

    private static async Task NextAsync(HttpContext context, Step step, string typed)
    {
        if (step.Session is null)
            await GoneAsync(context);
        else if (step.GoTo is { } target)
            context.Response.Redirect(target);
        else
            await FormAsync(context, step.Session, step.Problem, typed);
    }

    private static Task FormAsync(HttpContext context, JsonObject session, string? problem, string typed)
    {
        if (problem is not null)
            context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return Html.WriteAsync(
            context,
            "Save a card",
            CardForm.Body(
                new CardForm.Content(
                    "Save a card",
                    "It pays the invoices of this organization. Nothing is charged now.",
                    $"/c/pay/{session.Text("id")}",
                    "Save card",
                    session.TextOrNull("cancel_url"),
                    problem,
                    typed
                )
            ),
            Targets(session)
        );
    }

    private static Task GoneAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Html.WriteAsync(
            context,
            "Session over",
            "<h1>This session is over</h1><p>It was completed, it expired, or the address is wrong. "
                + "Start again from the page you came from.</p>",
            []
        );
    }

    private static JsonObject? Open(Work work, string id) =>
        work.Find("checkout.session", id) is { } found && CheckoutSessions.Current(work, found).Text("status") == "open" ? found : null;

    private static bool WaitsForAuthentication(Work work, string id) =>
        work.Find("checkout.session", id) is { } session
        && work.Get("setup_intent", session.Text("setup_intent")).Text("status") == "requires_action";

    private static string[] Targets(JsonObject session) =>
        [.. new[] { session.TextOrNull("success_url"), session.TextOrNull("cancel_url") }.OfType<string>()];

    private sealed record Step(JsonObject? Session, string? GoTo, string? Problem);
}
