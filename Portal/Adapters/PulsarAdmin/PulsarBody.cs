using System.Net.Http.Headers;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>A request's body, which may be sent more than once.</summary>
/// <param name="Address">Of a package, in a part of its own; null for none.</param>
internal sealed record PulsarBody(byte[] Bytes, string? Part, string? Address = null)
{
    public static PulsarBody? Json(byte[]? json) => json is null ? null : new(json, null);

    /// <summary>A form of one part that is JSON.</summary>
    public static PulsarBody Form(string part, byte[] json, string? address = null) => new(json, part, address);

    public HttpContent ToContent()
    {
        var json = new ByteArrayContent(Bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        if (Part is null)
            return json;
        var form = new MultipartFormDataContent { { json, Part } };
        if (Address is not null)
            form.Add(new StringContent(Address), "url");
        return form;
    }
}
