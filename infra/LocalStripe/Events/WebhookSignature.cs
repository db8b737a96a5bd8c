using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LocalStripe.Events;

/// <summary>Stripe's signing scheme: <c>t=…,v1=hex(hmac-sha256(secret, "{t}.{body}"))</c>.</summary>
internal static class WebhookSignature
{
    public static string Header(string secret, string body, long time)
    {
        var stamp = time.ToString(CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{stamp}.{body}"));
        return $"t={stamp},v1={Convert.ToHexStringLower(mac)}";
    }
}
