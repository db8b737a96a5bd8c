using System.Text.Json.Nodes;
using LocalStripe.Checkout;
using LocalStripe.Pages;
using LocalStripe.Payments;
using LocalStripe.Storage;

namespace LocalStripe.Invoices;

/// <summary>The page behind <c>hosted_invoice_url</c>: what is owed, a way to pay it, the PDF.</summary>
internal sealed class InvoicePage(Database database)
{
    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/i/{id}", (HttpContext context, string id) => ShowAsync(context, id, null));
        app.MapGet("/i/{id}/pdf", (HttpContext context, string id) => PdfAsync(context, id));
        app.MapGet("/i/{id}/pay", (HttpContext context, string id) => CardAsync(context, id, null, ""));
        app.MapPost("/i/{id}/pay", (HttpContext context, string id) => PayAsync(context, id));
        app.MapGet("/i/{id}/authenticate", (HttpContext context, string id) => AskAsync(context, id));
        app.MapPost("/i/{id}/act", (HttpContext context, string id) => ActAsync(context, id));
        app.MapPost("/i/{id}/authenticate", (HttpContext context, string id) => AuthenticateAsync(context, id));
    }

    private async Task ShowAsync(HttpContext context, string id, string? problem)
    {
        var found = await database.RunAsync(
            work =>
                Issued(work, id) is { } invoice
                    ? new Shown(
                        invoice,
                        InvoiceLines.Of(work, id),
                        InvoicePayments.WaitsForAction(work, id),
                        OutsideActs.Possible(work, invoice)
                    )
                    : null,
            context.RequestAborted
        );
        if (found is null)
            await MissingAsync(context);
        else
            await Html.WriteAsync(context, found.Invoice.Text("number"), Body(found, problem), []);
    }

    private async Task PdfAsync(HttpContext context, string id)
    {
        var found = await database.RunAsync(
            work => Issued(work, id) is { } invoice ? new Shown(invoice, InvoiceLines.Of(work, id), false, []) : null,
            context.RequestAborted
        );
        if (found is null)
        {
            await MissingAsync(context);
            return;
        }

        var pdf = InvoicePdf.Make(found.Invoice, found.Lines);
        context.Response.ContentType = "application/pdf";
        context.Response.ContentLength = pdf.Length;
        context.Response.Headers.ContentDisposition =
            $"attachment; filename=\"Invoice-{Uri.EscapeDataString(found.Invoice.Text("number"))}.pdf\"";
        await context.Response.Body.WriteAsync(pdf, context.RequestAborted);
    }

    private async Task CardAsync(HttpContext context, string id, string? problem, string typed)
    {
        var invoice = await database.RunAsync(work => Issued(work, id), context.RequestAborted);
        if (invoice?.Text("status") is not ("open" or "uncollectible"))
        {
            context.Response.Redirect($"/i/{id}");
            return;
        }

        if (problem is not null)
            context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
        var amount = Amounts.Text(invoice.Number("amount_due"), invoice.Text("currency"));
        await Html.WriteAsync(
            context,
            "Pay",
            CardForm.Body(
                new CardForm.Content($"Pay {amount}", $"Invoice {invoice.Text("number")}", $"/i/{id}/pay", "Pay", null, problem, typed)
            ),
            []
        );
    }

    private async Task PayAsync(HttpContext context, string id)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var problem = await database.RunAsync(
            work =>
            {
                if (Issued(work, id) is not { } invoice || invoice.Text("status") is not ("open" or "uncollectible"))
                    return null;
                var choice = CardChoice.Read(form, DateTimeOffset.FromUnixTimeSeconds(work.Now));
                if (choice.Card is not { } card)
                    return choice.Problem;
                var method = PaymentMethods.New(work, card, choice.ExpiresMonth, choice.ExpiresYear);
                return Refusal(InvoiceSteps.Pay(work, invoice, method, authenticated: false));
            },
            context.RequestAborted
        );
        if (problem is not null)
            await CardAsync(context, id, problem, form["number"].ToString());
        else
            context.Response.Redirect(await WaitsAsync(context, id) ? $"/i/{id}/authenticate" : $"/i/{id}");
    }

    private async Task ActAsync(HttpContext context, string id)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        // What is not possible any more, because another tab was quicker, changes nothing: the page shows how things are.
        if (Enum.TryParse<OutsideAct>(form["act"], out var act))
            await database.RunAsync(work => OutsideActs.Do(work, id, act), context.RequestAborted);
        context.Response.Redirect($"/i/{id}");
    }

    private async Task AskAsync(HttpContext context, string id)
    {
        if (await WaitsAsync(context, id))
            await Html.WriteAsync(context, "Authentication", AuthenticationPage.Body($"/i/{id}/authenticate", "pay this invoice"), []);
        else
            context.Response.Redirect($"/i/{id}");
    }

    private async Task AuthenticateAsync(HttpContext context, string id)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var problem = await database.RunAsync(
            work =>
            {
                if (Issued(work, id) is not { } invoice || !InvoicePayments.WaitsForAction(work, id))
                    return null;
                var intent = InvoicePayments.IntentOf(work, id);
                if (form["answer"] == "complete")
                    return Refusal(
                        InvoiceSteps.Pay(work, invoice, work.Get("payment_method", intent.Text("payment_method")), authenticated: true)
                    );
                PaymentIntents.FailAuthentication(work, intent);
                work.Emit("invoice.payment_failed", invoice);
                return "The authentication failed. Try again, or use another card.";
            },
            context.RequestAborted
        );
        if (problem is null)
            context.Response.Redirect($"/i/{id}");
        else
            await CardAsync(context, id, problem, "");
    }

    private Task<bool> WaitsAsync(HttpContext context, string id) =>
        database.RunAsync(work => Issued(work, id) is not null && InvoicePayments.WaitsForAction(work, id), context.RequestAborted);

    /// <summary>A refused card's sentence; a wish for authentication is no refusal on a page, where its owner is present.</summary>
    private static string? Refusal(Transport.Answer answer) =>
        answer.Status == 200 || answer.Body.Sub("error").TextOrNull("code") == "invoice_payment_intent_requires_action"
            ? null
            : answer.Body.Sub("error").Text("message");

    private static JsonObject? Issued(Work work, string id) =>
        work.Find("invoice", id) is { } invoice && invoice["deleted"] is null && invoice.Text("status") != "draft" ? invoice : null;

    private static Task MissingAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Html.WriteAsync(
            context,
            "Not found",
            "<h1>There is no such invoice</h1><p>It is still a draft, or the address is wrong.</p>",
            []
        );
    }

    private static string Body(Shown shown, string? problem)
    {
        var invoice = shown.Invoice;
        var currency = invoice.Text("currency");
        var id = invoice.Text("id");
        var rows = string.Concat(
            shown.Lines.Select(line =>
                $"<tr><td>{Html.Escape(line.TextOrNull("description"))}</td><td>{Amounts.Text(line.Number("amount"), currency)}</td></tr>"
            )
        );
        var due = invoice["due_date"] is null ? "" : $" · due {Amounts.Day(invoice.Number("due_date"))}";
        var state = invoice.Text("status") switch
        {
            "paid" when shown.Acts.Contains(OutsideAct.WinDispute) => "Paid, disputed by the cardholder",
            "paid" => $"Paid on {Amounts.Day(invoice.Sub("status_transitions").Number("paid_at"))}",
            "open" => $"{Amounts.Text(invoice.Number("amount_remaining"), currency)} open{due}",
            "void" => "Void: nothing is owed",
            _ => "Uncollectible",
        };
        var pay =
            invoice.Text("status") is not ("open" or "uncollectible") ? ""
            : shown.WaitsForAction ? $"""<a class="button" href="/i/{id}/authenticate">Confirm the payment</a>"""
            : $"""<a class="button" href="/i/{id}/pay">Pay {Amounts.Text(invoice.Number("amount_remaining"), currency)}</a>""";
        return $"""
            <h1>Invoice {Html.Escape(invoice.Text("number"))}</h1>
            <p class="soft">{Html.Escape(invoice.TextOrNull("customer_name") ?? invoice.TextOrNull("customer_email"))}</p>
            {(problem is null ? "" : $"""<p class="problem" role="alert">{Html.Escape(problem)}</p>""")}
            {CustomFields(invoice)}
            <p>{Html.Escape(state)}</p>
            <table><thead><tr><th>Item</th><th>Amount</th></tr></thead><tbody>{rows}</tbody>
            <tfoot>{Taxes(invoice, currency)}<tr><td>Total</td><td>{Amounts.Text(invoice.Number("total"), currency)}</td></tr>{Credited(
                invoice,
                currency
            )}</tfoot></table>
            {pay}
            <a class="back" href="/i/{id}/pdf">Download PDF</a>
            {OutsideActs.Buttons(id, shown.Acts)}
            """;
    }

    private static string Taxes(JsonObject invoice, string currency)
    {
        var rows = invoice["total_taxes"]!
            .AsArray()
            .Select(tax => tax!.AsObject())
            .Where(tax => tax.Number("amount") != 0)
            .Select(tax =>
                $"<tr><td>Tax{(tax.Text("tax_behavior") == "inclusive" ? ", included" : "")}</td><td>{Amounts.Text(tax.Number("amount"), currency)}</td></tr>"
            );
        return string.Concat(rows)
            + (invoice.TextOrNull("customer_tax_exempt") == "reverse" ? "<tr><td>Reverse charge</td><td></td></tr>" : "");
    }

    private static string Credited(JsonObject invoice, string currency) =>
        invoice.Number("pre_payment_credit_notes_amount") + invoice.Number("post_payment_credit_notes_amount") is > 0 and var credited
            ? $"<tr><td>Credit notes</td><td>{Amounts.Text(-credited, currency)}</td></tr>"
            : "";

    private static string CustomFields(JsonObject invoice) =>
        string.Concat(
            (invoice["custom_fields"]?.AsArray() ?? [])
                .OfType<JsonObject>()
                .Select(field => $"""<p class="soft">{Html.Escape(field.Text("name"))}: {Html.Escape(field.Text("value"))}</p>""")
        );

    private sealed record Shown(JsonObject Invoice, IReadOnlyList<JsonObject> Lines, bool WaitsForAction, IReadOnlyList<OutsideAct> Acts);
}
