// Starts the pages' connection. A WebSocket at once and nothing before it: a negotiation and its WebSocket would have to
// reach the same replica, so that a proxy in front of several would have to remember who talks to which.
const webSockets = 1;

Blazor.start({
  circuit: {
    configureSignalR: builder => builder.withUrl("_blazor", { skipNegotiation: true, transport: webSockets }),
  },
});
