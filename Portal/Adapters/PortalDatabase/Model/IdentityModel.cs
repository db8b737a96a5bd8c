using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Portal.Adapters.PortalDatabase.Model;

internal static class IdentityModel
{
    // Identity's base class asks the application's services which schema to build. Given here, the model is the same at
    // run time, in migrations and in tests, whatever else is registered.
    private static readonly ServiceProvider SchemaServices = new ServiceCollection()
        .Configure<IdentityOptions>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3).BuildServiceProvider();

    /// <summary>The third schema: the one with passkeys.</summary>
    internal static DbContextOptionsBuilder<TContext> UseIdentitySchema<TContext>(this DbContextOptionsBuilder<TContext> builder)
        where TContext : DbContext => builder.UseApplicationServiceProvider(SchemaServices);

    internal static void Configure(ModelBuilder builder)
    {
        builder.Entity<PortalUser>().ToTable("accounts");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("account_claims");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("account_logins");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("account_tokens");
        builder.Entity<IdentityUserPasskey<Guid>>().ToTable("account_passkeys");
        builder.Entity<DataProtectionKey>().ToTable("data_protection_keys");
    }
}
