using System.Text.Json.Nodes;

namespace LocalStripe.Transport;

/// <summary>An error answer: what the request did is undone.</summary>
internal sealed class StripeError : Exception
{
    private StripeError(int status, JsonObject error, bool isKept = false)
        : base(error["message"]?.GetValue<string>())
    {
        (Status, IsKept) = (status, isKept);
        Body = new JsonObject { ["error"] = error };
    }

    public int Status { get; }

    /// <summary>
    /// Whether the request's key answers so for a day. Stripe keeps whatever an endpoint answered once it had begun, errors
    /// too; what fails before that (key check, rate limit, malformed parameters, a key in use) leaves the key free.
    /// </summary>
    public bool IsKept { get; }

    public JsonObject Body { get; }

    /// <summary>Refused by the state of things or a rule of the endpoint.</summary>
    public static StripeError Invalid(string message, string? parameter = null, string? code = null, int status = 400) =>
        new(status, Error("invalid_request_error", message, parameter, code), isKept: true);

    /// <summary>Refused for its form, before the endpoint began.</summary>
    public static StripeError Malformed(string message, string? parameter = null, string? code = null, int status = 400) =>
        new(status, Error("invalid_request_error", message, parameter, code));

    public static StripeError NoSuch(string type, string id, string? parameter) =>
        Invalid($"No such {type.Replace('.', ' ')}: '{id}'", parameter ?? "id", "resource_missing", parameter is null ? 404 : 400);

    public static StripeError Missing(string parameter) =>
        Malformed($"Missing required param: {parameter}.", parameter, "parameter_missing");

    public static StripeError Unknown(string parameter) =>
        Malformed($"Received unknown parameter: {parameter}", parameter, "parameter_unknown");

    public static StripeError KeyUsedDifferently(string key) =>
        new(
            400,
            Error(
                "idempotency_error",
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                    + $"Try using a key other than '{key}' if you meant to execute a different request."
            )
        );

    public static StripeError KeyInUse(string key) =>
        new(
            409,
            Error(
                "idempotency_error",
                "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
                    + $"twice, and the other request is still going through): {key}.",
                code: "idempotency_key_in_use"
            )
        );

    public static StripeError Unauthorized(string message) => Malformed(message, status: 401);

    public static StripeError TooMany() =>
        Malformed(
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
            code: "rate_limit",
            status: 429
        );

    public static StripeError Forbidden() =>
        Malformed("The provided key does not have the required permissions for this endpoint.", status: 403);

    public static StripeError Away() => new(503, Error("api_error", "LocalStripe was told to be away here."));

    public static StripeError OurFault() => new(500, Error("api_error", "LocalStripe was told to fail here."), isKept: true);

    public static StripeError Locked() =>
        new(
            429,
            Error(
                "invalid_request_error",
                "This object cannot be accessed right now because another API request or Stripe process is currently accessing "
                    + "it. If you see this error intermittently, retry the request. If you see this error frequently and are making "
                    + "multiple concurrent requests to a single object, make your requests serially or at a lower rate.",
                code: "lock_timeout"
            ),
            isKept: true
        );

    /// <summary>A card said no. Not thrown by payments: what a failed attempt changes is kept.</summary>
    public static JsonObject Card(string message, string code, string? declineCode) =>
        new() { ["error"] = Error("card_error", message, null, code, declineCode) };

    private static JsonObject Error(string type, string message, string? parameter = null, string? code = null, string? declineCode = null)
    {
        var error = new JsonObject { ["type"] = type, ["message"] = message };
        if (code is not null)
        {
            error["code"] = code;
            error["doc_url"] = $"https://stripe.com/docs/error-codes/{code.Replace('_', '-')}";
        }

        if (declineCode is not null)
            error["decline_code"] = declineCode;
        if (parameter is not null)
            error["param"] = parameter;
        return error;
    }
}
