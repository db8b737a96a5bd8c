using System.Net.Http.Headers;

namespace Portal.Adapters.PulsarAdmin;

/// <summary>A request's body, which may be sent more than once.</summary>
internal sealed record PulsarBody(byte[] Bytes, string? Part)
{
    public static PulsarBody? Json(byte[]? json) => json is null ? null : new(json, null);

    /// <summary>A form of one part that is JSON.</summary>
    public static PulsarBody Form(string part, byte[] json) => new(json, part);

    public HttpContent ToContent()
    {
        var json = new ByteArrayContent(Bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return Part is null ? json : new MultipartFormDataContent { { json, Part } };
    }
}
