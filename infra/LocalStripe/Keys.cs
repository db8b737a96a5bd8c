using LocalStripe.Storage;

namespace LocalStripe;

/// <summary>The secrets of one data folder, made at its first start.</summary>
internal sealed record Keys(string ApiKey, string WebhookSecret)
{
    public static Keys ReadOrMake(Work work) =>
        new(Kept(work, "api_key", () => "sk_test_local" + Ids.New("k", 32)[2..]), Kept(work, "webhook_secret", () => Ids.New("whsec", 32)));

    private static string Kept(Work work, string name, Func<string> make)
    {
        if (work.Setting(name) is { } kept)
            return kept;
        var made = make();
        work.SetSetting(name, made);
        return made;
    }
}
