using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using LocalPulsar;
using Xunit;

namespace Portal.Tests.Adapters.LocalPulsarTests;

public sealed class LocalPulsarStorageTests
{
    [Fact]
    public async Task Everything_is_there_after_a_stop_and_start()
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await pulsar.SendAsync("POST", "namespaces/acme/prod/retention", new { retentionTimeInMinutes = 60, retentionSizeInMB = 10 });
        await pulsar.SendAsync("PUT", "persistent/acme/prod/p/partitions", 3);
        await pulsar.SendAsync("POST", "persistent/acme/prod/t/permissions/key", new[] { "produce" });
        await pulsar.SendAsync("PUT", "persistent/acme/prod/t/subscription/s", "earliest");
        await pulsar.ProduceAsync("acme/prod/t", "one");
        await pulsar.ProduceAsync("acme/prod/t", "two");
        await pulsar.SendAsync("POST", "persistent/acme/prod/t/subscription/s/skip/1");
        var token = pulsar.Server.AdminToken;

        await pulsar.ReopenAsync();

        Assert.Equal(token, pulsar.Server.AdminToken);
        Assert.Equal(3, (int)(await pulsar.GetAsync("persistent/acme/prod/p/partitions"))["partitions"]!);
        Assert.Equal(
            """{"key":["produce"]}""",
            (await pulsar.GetAsync("namespaces/acme/prod"))["auth_policies"]!["destination_auth"]![
                "persistent://acme/prod/t"
            ]!.ToJsonString()
        );
        Assert.Equal("two", (await pulsar.SendAsync("GET", "persistent/acme/prod/t/subscription/s/position/1")).Body);
        var stats = await pulsar.GetAsync("persistent/acme/prod/t/stats");
        Assert.Equal(1, (int)stats["subscriptions"]!["s"]!["msgBacklog"]!);
        Assert.Equal(0, (int)stats["msgInCounter"]!);
    }

    [Fact]
    public async Task What_was_acknowledged_survives_the_death_of_the_process()
    {
        var folder = PulsarUnderTest.NewFolder();
        using var process = Process.Start(
            new ProcessStartInfo("dotnet", [typeof(LocalPulsarServer).Assembly.Location, "--data", folder, "--port", "0"])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
        var said = new Dictionary<string, string>();
        while (!said.ContainsKey("PULSAR_TOKEN_PUBLIC_KEY") && await process.StandardOutput.ReadLineAsync() is { } line)
            said[line.Split('=')[0]] = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
        using var http = new HttpClient { BaseAddress = new Uri(said["PULSAR_ADMIN_URL"]) };
        http.DefaultRequestHeaders.Add("Authorization", $"Bearer {said["PULSAR_ADMIN_TOKEN"]}");
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {said["PULSAR_ADMIN_TOKEN"]}");
        await socket.ConnectAsync(
            new Uri(new Uri(said["PULSAR_WEBSOCKET_URL"]), "/ws/v2/producer/persistent/public/default/kill"),
            CancellationToken.None
        );
        await using var producer = new Socket(socket);
        for (var i = 0; i < 300; i++)
            await producer.SendAsync(new { payload = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{i}")) });
        for (var i = 0; i < 200; i++)
            Assert.Equal("ok", (string?)(await producer.ReceiveAsync())["result"]);

        process.Kill();
        await process.WaitForExitAsync();

        await using (var server = await PulsarUnderTest.OpenAsync(folder))
        {
            http.Dispose();
            using var again = new HttpClient();
            again.DefaultRequestHeaders.Add("Authorization", $"Bearer {server.AdminToken}");
            using var subscribed = await again.PutAsync(
                new Uri(server.AdminUrl, "/admin/v2/persistent/public/default/kill/subscription/s"),
                new StringContent("\"earliest\"", Encoding.UTF8, "application/json")
            );
            subscribed.EnsureSuccessStatusCode();
            var stats = JsonNode.Parse(
                await again.GetStringAsync(new Uri(server.AdminUrl, "/admin/v2/persistent/public/default/kill/stats"))
            )!;
            Assert.InRange((int)stats["subscriptions"]!["s"]!["msgBacklog"]!, 200, 300);
            Assert.Equal(
                "199",
                await again.GetStringAsync(new Uri(server.AdminUrl, "/admin/v2/persistent/public/default/kill/subscription/s/position/200"))
            );
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_second_server_on_one_folder_is_refused_in_a_sentence()
    {
        await using var pulsar = await PulsarUnderTest.StartAsync();

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => PulsarUnderTest.OpenAsync(pulsar.Folder));
        Assert.Contains("is in use by another LocalPulsar", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_retention_what_all_have_acknowledged_is_gone_at_the_next_load()
    {
        await using var pulsar = await PulsarUnderTest.WithTopicAsync();
        await pulsar.SendAsync("PUT", "persistent/acme/prod/t/subscription/s", "earliest");
        await pulsar.ProduceAsync("acme/prod/t", "one");
        await pulsar.SendAsync("POST", "persistent/acme/prod/t/subscription/s/skip_all");
        var kept = (int)(await pulsar.GetAsync("persistent/acme/prod/t/stats"))["storageSize"]!;

        await pulsar.SendAsync("PUT", "persistent/acme/prod/t/unload");

        Assert.True(kept > 0);
        Assert.Equal(0, (int)(await pulsar.GetAsync("persistent/acme/prod/t/stats"))["storageSize"]!);
    }
}
