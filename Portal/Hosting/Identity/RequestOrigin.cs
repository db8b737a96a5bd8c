using System.Net;
using Portal.Ui;

namespace Portal.Hosting.Identity;

/// <summary>A proxy on this machine makes every visitor look local: any sign of one, or a public host name, counts as remote.</summary>
internal sealed class RequestOrigin(IHttpContextAccessor requests, IHostEnvironment environment) : IRequestOrigin
{
    private static readonly string[] SignsOfAProxy =
    [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Original-For",
        "X-Real-IP",
        "Forwarded",
        "Via",
    ];

    public bool IsThisMachine =>
        requests.HttpContext is { } context
        && IsLoopback(context.Connection.RemoteIpAddress)
        && IsLoopbackName(context.Request.Host.Host)
        && !SignsOfAProxy.Any(context.Request.Headers.ContainsKey);

    public string? UserAgent => requests.HttpContext?.Request.Headers.UserAgent.ToString() is { Length: > 0 } name ? name : null;

    public bool IsDeveloper => environment.IsDevelopment() && IsThisMachine;

    // No address: the in-process server of tests.
    private static bool IsLoopback(IPAddress? address) => address is null || IPAddress.IsLoopback(address);

    private static bool IsLoopbackName(string host) =>
        host == "localhost"
        || host.EndsWith(".localhost", StringComparison.Ordinal)
        || IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}
