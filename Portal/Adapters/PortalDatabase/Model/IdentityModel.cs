using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Portal.Adapters.PortalDatabase.Model;

internal static class IdentityModel
{
    // Identity's base class asks the application's services which schema to build. Given here, the model is the same at
    // run time, in migrations and in tests, whatever else is registered.
    private static readonly ServiceProvider SchemaServices = new ServiceCollection()
        .Configure<IdentityOptions>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3)
        .BuildServiceProvider();

    /// <summary>The third schema: the one with passkeys.</summary>
    /// <param name="loggers">
    /// Where the context logs to. Given here and not by <c>UseLoggerFactory</c>, by which EF Core tells apart what it keeps for
    /// a process: the model, its accessors and every compiled query would be made anew for each portal in it, as tests have a hundred.
    /// </param>
    internal static DbContextOptionsBuilder<TContext> UseIdentitySchema<TContext>(
        this DbContextOptionsBuilder<TContext> builder,
        ILoggerFactory? loggers = null
    )
        where TContext : DbContext => builder.UseApplicationServiceProvider(loggers is null ? SchemaServices : new WithLoggers(loggers));

    /// <summary>See <see cref="Portal.Domain.Accounts.Passkey.AskedAt"/>.</summary>
    internal const string PasskeyAskedAt = "AskedAt";

    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<PortalUser>().ToTable("accounts");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("account_claims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("account_logins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("account_tokens");
        builder.Entity<IdentityUserPasskey<Guid>>(passkey =>
        {
            passkey.ToTable("account_passkeys");
            // Identity's own row has no place for it.
            passkey.Property<DateTimeOffset?>(PasskeyAskedAt);
        });
        builder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
    }

    private sealed class WithLoggers(ILoggerFactory loggers) : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(ILoggerFactory) ? loggers : SchemaServices.GetService(serviceType);
    }
}
