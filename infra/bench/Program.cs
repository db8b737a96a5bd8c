using Portal.Bench;
using Portal.Bench.Billing;
using Portal.Bench.Ledger;

// ./dev bench [rating] [billing] [metering] [engine] [sign-in-flood] [gateway] [ledger] [ledger-size] [ledger-far] [close] [copy]: all when
// none is named.
bool Asked(string name) => args.Length == 0 || args.Contains(name, StringComparer.OrdinalIgnoreCase);

if (Asked("rating"))
    RatingBench.Run();
if (Asked("billing"))
    await BillingBench.RunAsync();
if (Asked("metering") && !MeteringBench.Run())
    return 1;
if (Asked("engine"))
    await EngineBench.RunAsync();
if (Asked("sign-in-flood"))
    await SignInFloodBench.RunAsync();
if (Asked("gateway"))
    await GatewayBench.RunAsync();
if (Asked("ledger"))
    await LedgerBench.RunAsync();
if (Asked("ledger-size"))
    await SizeBench.RunAsync();
if (Asked("ledger-far"))
    await FarBench.RunAsync();
if (Asked("close"))
    await CloseBench.RunAsync();
if (Asked("copy"))
    await CopyBench.RunAsync();
return 0;
