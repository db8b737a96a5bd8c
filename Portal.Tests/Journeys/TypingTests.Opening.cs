using Microsoft.Playwright;
using Portal.Tests.Support.Journeys;

namespace Portal.Tests.Journeys;

/// <summary>How each place shows its fields.</summary>
public sealed partial class TypingTests
{
    /// <returns>Where its fields are.</returns>
    private static async Task<string> OpenAsync(Visitor visitor, string? opens)
    {
        if (opens is null)
            return "main";
        if (opens is "From a time" or "After a message ID")
        {
            await visitor.Page.Locator("#begin").SelectOptionAsync(new SelectOptionValue { Label = opens });
            await visitor.Page.Locator("#begin-time, #begin-id").WaitForAsync();
            return "main";
        }
        if (opens == "Create a topic…")
        {
            await visitor.Page.Locator("#topic").SelectOptionAsync(new SelectOptionValue { Label = opens });
            await visitor.Page.Locator("#topic-name").WaitForAsync();
            return "main";
        }
        if (opens == "Add secret setting")
        {
            await visitor.PressAsync(opens);
            await visitor.Page.Locator("#secret-value-1").WaitForAsync();
            return "main";
        }
        if (opens == "Put messages that keep failing aside")
        {
            await visitor.Page.Locator("#position").SelectOptionAsync("time");
            await visitor.Page.Locator("#puts-aside").CheckAsync();
            await visitor.Page.Locator("#dead-letters").WaitForAsync();
            await visitor.Page.Locator("#start-at").WaitForAsync();
            return "main";
        }
        if (opens == "Start from a manifest")
        {
            await visitor.Page.Locator("summary").Filter(new() { HasText = opens }).ClickAsync();
            await visitor.Page.Locator("#manifest").WaitForAsync();
            return "main";
        }
        if (opens == "Avro")
        {
            await visitor.Page.Locator("main .choice").Filter(new() { HasText = opens }).Last.ClickAsync();
            await visitor.Page.Locator("#definition").WaitForAsync();
            return "main";
        }
        if (opens.StartsWith("Search", StringComparison.Ordinal))
        {
            await visitor.PressAsync(opens);
            return "#palette[open]";
        }
        var (button, choice) = opens.Split(" > ") is [var first, var second] ? (first, second) : (opens, null);
        await visitor.PressAsync(button);
        // The dialog takes the focus once it is there.
        await visitor.Page.Locator(".mud-dialog-container :focus").WaitForAsync();
        if (choice == "Edit as JSON")
        {
            await visitor.PressAsync(choice);
            await visitor.Page.Locator("#price-book").WaitForAsync();
        }
        else if (choice == "Maintenance")
        {
            await visitor.Page.Locator("#incident-impact").SelectOptionAsync(choice);
            await visitor.Page.Locator("#incident-end").WaitForAsync();
        }
        else if (choice is not null)
        {
            await visitor.Page.Locator(".mud-dialog .choice, .mud-dialog .check").Filter(new() { HasText = choice }).Last.ClickAsync();
            await visitor
                .Page.Locator(
                    "#subscription-time, #subscription-message, #target-name, #budget-slow, #promo-amount, #credit-note-amount, "
                        + "#tax-country-0"
                )
                .WaitForAsync();
        }
        return ".mud-dialog";
    }
}
