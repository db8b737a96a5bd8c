using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Portal.Domain.Access;
using Portal.Shell;

namespace Portal.Hosting.Identity;

/// <summary>The request's principal, or in a circuit the one that opened it, revalidated every 30 seconds.</summary>
internal sealed class ActorProvider(IHttpContextAccessor requests, CircuitVisitor visitor, IServiceProvider services) : IActorProvider
{
    public async Task<Actor> CurrentAsync()
    {
        if (visitor.InCircuit)
        {
            var state = await services.GetRequiredService<AuthenticationStateProvider>().GetAuthenticationStateAsync();
            return ActorClaims.Read(state.User, visitor.Address);
        }
        var visit = requests.HttpContext is { } request ? Visit.Of(request) : null;
        return ActorClaims.Read(requests.HttpContext?.User, visit?.Address) with { TimeZone = visit?.Zone };
    }
}

/// <summary>Who opened a circuit, and from where, kept when its connection comes up: later there is no request to ask.</summary>
internal sealed class CircuitVisitor(IHttpContextAccessor requests, PageLife life, LeftPages left) : CircuitHandler
{
    private string? _visitor;
    private int _active;

    public bool InCircuit { get; private set; }

    public string? Address { get; private set; }

    /// <summary>Whether the page was used since this was asked last.</summary>
    public bool WasActive() => Interlocked.Exchange(ref _active, 0) != 0;

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(
        Func<CircuitInboundActivityContext, Task> next
    ) =>
        context =>
        {
            Volatile.Write(ref _active, 1);
            return next(context);
        };

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        InCircuit = true;
        if (_visitor is { } before)
            left.Return(before, life);
        if (requests.HttpContext is not { } request)
            return Task.CompletedTask;
        Address = request.Connection.RemoteIpAddress?.ToString() ?? Address;
        _visitor = OpenPages.VisitorOf(request);
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_visitor is { } visitor)
            left.Leave(visitor, life);
        return Task.CompletedTask;
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_visitor is { } visitor)
            left.Return(visitor, life);
        return Task.CompletedTask;
    }

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        InCircuit = true;
        return Task.CompletedTask;
    }
}
