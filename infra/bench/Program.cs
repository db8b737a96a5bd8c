using Portal.Bench;

// ./dev bench [rating] [sign-in-flood]: all when none is named.
bool Asked(string name) => args.Length == 0 || args.Contains(name, StringComparer.OrdinalIgnoreCase);

if (Asked("rating")) RatingBench.Run();
if (Asked("sign-in-flood")) await SignInFloodBench.RunAsync();
