using System.Text.Json.Nodes;
using LocalStripe.Transport;
using Microsoft.Data.Sqlite;

namespace LocalStripe.Storage;

/// <summary>One unit of work: the objects it reads and writes and the events it makes commit together.</summary>
internal sealed class Work(SqliteConnection connection, long now, Uri baseAddress, string? requestId, string? idempotencyKey)
{
    /// <summary>The stand-in's clock in seconds since 1970, as Stripe writes time.</summary>
    public long Now => now;

    public Uri BaseAddress => baseAddress;

    public bool EventsWritten { get; private set; }

    /// <summary>Test cards are judged by what the customer typed, which no answer repeats: it is kept beside the object.</summary>
    public JsonObject Hidden(string id)
    {
        using var command = Command("SELECT hidden FROM objects WHERE id = $id", ("$id", id));
        return command.ExecuteScalar() is string text ? Parse(text) : [];
    }

    public void SetHidden(string id, JsonObject hidden) =>
        Execute("UPDATE objects SET hidden = $hidden WHERE id = $id", ("$id", id), ("$hidden", hidden.ToJsonString()));

    public JsonObject? Find(string type, string id)
    {
        using var command = Command("SELECT body FROM objects WHERE id = $id AND type = $type", ("$id", id), ("$type", type));
        return command.ExecuteScalar() is string text ? Parse(text) : null;
    }

    public JsonObject? Find(string id)
    {
        using var command = Command("SELECT body FROM objects WHERE id = $id", ("$id", id));
        return command.ExecuteScalar() is string text ? Parse(text) : null;
    }

    /// <summary>The object, or Stripe's 404 (400 when a parameter named it).</summary>
    public JsonObject Get(string type, string id, string? parameter = null)
    {
        var found = Find(type, id);
        return found is not null && found["deleted"] is null ? found : throw StripeError.NoSuch(type, id, parameter);
    }

    public JsonObject Add(JsonObject added, JsonObject? hidden = null)
    {
        Execute(
            "INSERT INTO objects (id, type, created, customer, invoice, body, hidden) VALUES ($id, $type, $created, $customer, "
                + "$invoice, $body, $hidden)",
            [
                .. Columns(added),
                ("$type", added.Text("object")),
                ("$created", added["created"]?.GetValue<long>() ?? Now),
                ("$hidden", hidden?.ToJsonString() ?? "{}"),
            ]
        );
        return added;
    }

    public JsonObject Save(JsonObject changed)
    {
        Execute("UPDATE objects SET body = $body, customer = $customer, invoice = $invoice WHERE id = $id", Columns(changed));
        return changed;
    }

    /// <summary>Leaves what Stripe leaves of a deleted object.</summary>
    public JsonObject Delete(JsonObject gone)
    {
        var rest = new JsonObject
        {
            ["id"] = gone.Text("id"),
            ["object"] = gone.Text("object"),
            ["deleted"] = true,
        };
        Execute("UPDATE objects SET deleted = 1, body = $body WHERE id = $id", ("$id", gone.Text("id")), ("$body", rest.ToJsonString()));
        return rest;
    }

    /// <summary>Newest first, as Stripe lists.</summary>
    public List<JsonObject> Select(Query query)
    {
        using var command = Command(query.Sql(), query.Arguments());
        using var reader = command.ExecuteReader();
        var found = new List<JsonObject>();
        while (reader.Read())
            found.Add(Parse(reader.GetString(0)));
        return found;
    }

    public long Sequence(string id)
    {
        using var command = Command("SELECT seq FROM objects WHERE id = $id", ("$id", id));
        return command.ExecuteScalar() is long sequence ? sequence : 0;
    }

    /// <summary>Records an event about the object as it is now and puts it into the queue of deliveries.</summary>
    public void Emit(string type, JsonObject about, JsonObject? previous = null)
    {
        var data = new JsonObject { ["object"] = about.DeepClone() };
        if (previous is { Count: > 0 })
            data["previous_attributes"] = previous.DeepClone();
        var id = Ids.New("evt");
        Add(
            new JsonObject
            {
                ["id"] = id,
                ["object"] = "event",
                ["api_version"] = Api.Version,
                ["created"] = Now,
                ["data"] = data,
                ["livemode"] = false,
                ["pending_webhooks"] = 1,
                ["request"] = new JsonObject { ["id"] = requestId, ["idempotency_key"] = idempotencyKey },
                ["type"] = type,
            }
        );
        Execute("INSERT INTO deliveries (event, due) VALUES ($event, $due)", ("$event", id), ("$due", Now));
        EventsWritten = true;
    }

    public string? Setting(string name)
    {
        using var command = Command("SELECT value FROM settings WHERE name = $name", ("$name", name));
        return command.ExecuteScalar() as string;
    }

    public void SetSetting(string name, string value) =>
        Execute(
            "INSERT INTO settings VALUES ($name, $value) ON CONFLICT (name) DO UPDATE SET value = $value",
            ("$name", name),
            ("$value", value)
        );

    public void Execute(string sql, params (string Name, object? Value)[] arguments)
    {
        using var command = Command(sql, arguments);
        command.ExecuteNonQuery();
    }

    public SqliteCommand Command(string sql, params (string Name, object? Value)[] arguments)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every text is written in this project; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in arguments)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return command;
    }

    private static (string, object?)[] Columns(JsonObject body) =>
        [
            ("$id", body.Text("id")),
            ("$customer", body.TextOrNull("customer")),
            ("$invoice", body.TextOrNull("invoice")),
            ("$body", body.ToJsonString()),
        ];

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
