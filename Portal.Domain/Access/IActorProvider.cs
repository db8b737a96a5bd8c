namespace Portal.Domain.Access;

/// <summary>Who is asking: from the request of an API call or a static page, from the circuit of an interactive one.</summary>
public interface IActorProvider
{
    /// <summary><see cref="Actor.Anonymous"/> with address and trace id when nobody is signed in.</summary>
    Task<Actor> CurrentAsync();
}
