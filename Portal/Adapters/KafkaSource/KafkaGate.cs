using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Portal.Adapters.KafkaSource;

/// <summary>
/// Decides where a Kafka client may connect to when it connects. The client resolves names by itself and goes wherever the
/// cluster's metadata says, for as long as it lives, so no look beforehand holds: a customer's server could name a broker
/// of the operator's own network a minute later, and what came back would be copied into the customer's topic.
/// </summary>
/// <remarks>
/// librdkafka asks a callback for each connection, with the address that it is about to take. Confluent.Kafka has no
/// setting for it, so it is set on the client's live configuration, before the client knows any server to go to.
/// </remarks>
internal static class KafkaGate
{
    private const int PermissionDenied = 13;

    // Each has to live as long as any client that may call it. There is one in a running portal.
    private static readonly ConcurrentDictionary<KafkaReach, Connect> Kept = new();

    // The builds of the library in the order in which Confluent.Kafka tries them: which one loads depends on what else the machine has.
    private static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];

    private static readonly Lazy<(ConfigurationOf Of, SetConnect Set)> Library = new(() =>
    {
        foreach (var build in Builds)
            if (NativeLibrary.TryLoad(build, typeof(Handle).Assembly, null, out var library))
                return (Export<ConfigurationOf>(library, "rd_kafka_conf"), Export<SetConnect>(library, "rd_kafka_conf_set_connect_cb"));
        throw new NotSupportedException(
            "The library of Confluent.Kafka wasn't found, without which nobody decides where Kafka clients connect to."
        );
    });

    private static readonly PropertyInfo NativeHandle =
        typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)
        ?? throw new NotSupportedException(
            "This version of Confluent.Kafka doesn't show its native handle, without which nobody decides where Kafka clients connect to."
        );

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Connect(int socket, nint address, int length, nint name, nint opaque);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint ConfigurationOf(nint client);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void SetConnect(nint configuration, nint callback);

    /// <summary>
    /// Lets a client that was built without servers go to those of the connection, and to no address that may not be reached.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">Addresses are limited, and this is Windows, where sockets differ.</exception>
    public static T Through<T>(KafkaReach reach, T client, string servers)
        where T : IClient
    {
        try
        {
            if (reach != KafkaReach.Anywhere)
                Guard(reach, client.Handle);
            client.AddBrokers(servers);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static void Guard(KafkaReach reach, Handle handle)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException(
                "On Windows, connecting to customers' Kafka clusters needs Portal:Migrations:AllowPrivateHosts."
            );
        var native = (SafeHandle)NativeHandle.GetValue(handle)!;
        var held = false;
        try
        {
            native.DangerousAddRef(ref held);
            Library.Value.Set(
                Library.Value.Of(native.DangerousGetHandle()),
                Marshal.GetFunctionPointerForDelegate(Kept.GetOrAdd(reach, Deciding))
            );
        }
        finally
        {
            if (held)
                native.DangerousRelease();
        }
    }

    /// <returns>0 when the connection is there or on its way, else the system's error number.</returns>
    private static Connect Deciding(KafkaReach reach) =>
        (socket, address, length, _, _) =>
        {
            try
            {
                if (AddressOf(address, length) is not { } there || !reach.Allows(there))
                    return PermissionDenied;
                if (ConnectSocket(socket, address, (uint)length) == 0)
                    return 0;
                var error = Marshal.GetLastPInvokeError();
                return error == InProgress ? 0 : error;
            }
#pragma warning disable CA1031 // Nothing may be thrown into native code: what cannot be decided is not reached.
            catch (Exception)
#pragma warning restore CA1031
            {
                return PermissionDenied;
            }
        };

    private static int InProgress => OperatingSystem.IsMacOS() ? 36 : 115;

    private static T Export<T>(nint library, string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));

    /// <summary>Null for what is no address of the internet protocols.</summary>
    private static IPAddress? AddressOf(nint address, int length)
    {
        if (length < 16)
            return null;
        var bytes = new byte[length];
        Marshal.Copy(address, bytes, 0, length);
        // A BSD has the length in the first byte and the family in the second.
        var family = OperatingSystem.IsMacOS() ? bytes[1] : BitConverter.ToUInt16(bytes);
        if (family == (int)AddressFamily.InterNetwork)
            return new(bytes.AsSpan(4, 4));
        if (family != (OperatingSystem.IsMacOS() ? 30 : 10) || length < 28)
            return null;
        var six = new IPAddress(bytes.AsSpan(8, 16));
        return six.IsIPv4MappedToIPv6 ? six.MapToIPv4() : six;
    }

    [DllImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static extern int ConnectSocket(int socket, nint address, uint length);
}
