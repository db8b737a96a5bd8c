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
        return ActorClaims.Read(requests.HttpContext?.User, requests.HttpContext?.Connection.RemoteIpAddress?.ToString());
    }
}

/// <summary>The network address of a circuit, kept when its connection comes up: later there is no request to ask.</summary>
internal sealed class CircuitVisitor(IHttpContextAccessor requests) : CircuitHandler
{
    public bool InCircuit { get; private set; }

    public string? Address { get; private set; }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        InCircuit = true;
        Address = requests.HttpContext?.Connection.RemoteIpAddress?.ToString() ?? Address;
        return Task.CompletedTask;
    }

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        InCircuit = true;
        return Task.CompletedTask;
    }
}
