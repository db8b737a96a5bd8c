using Microsoft.AspNetCore.Identity;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Mails;

namespace Portal.Adapters.PortalDatabase.Accounts;

public static class AccountServices
{
    // OWASP's figure for PBKDF2 with HMAC-SHA512.
    private const int Iterations = 210_000;

    /// <summary>Passwords, API keys and Identity's stores; needs AddPortalDatabase.</summary>
    public static IdentityBuilder AddAccountStores(this IServiceCollection services, Peppers peppers)
    {
        services.AddSingleton(peppers);
        services.AddSingleton<PepperRows>();
        services.Configure<PasswordHasherOptions>(options => options.IterationCount = Iterations);
        services.AddSingleton<IPasswordHasher<PortalUser>, PasswordHasher<PortalUser>>();
        services.AddSingleton<IPasswords, Passwords>();
        return services
            .AddIdentityCore<PortalUser>(options => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3)
            .AddEntityFrameworkStores<PortalDbContext>();
    }

    /// <summary>Mails are kept for the outbox page.</summary>
    public static IServiceCollection AddKeptMails(this IServiceCollection services)
    {
        services.AddSingleton<KeptMails>();
        services.AddSingleton<IMailer>(provider => provider.GetRequiredService<KeptMails>());
        return services.AddSingleton<IMailOutbox>(provider => provider.GetRequiredService<KeptMails>());
    }
}
