using Portal.Domain.Access;

namespace Portal.Features.Accounts;

public static class SignInMethods
{
    /// <summary>For scripts, in camel case.</summary>
    public static string Code(this SignInMethod method) =>
        method switch
        {
            SignInMethod.Password => "password",
            SignInMethod.PasswordAndCode => "passwordAndCode",
            SignInMethod.PasswordAndRecoveryCode => "passwordAndRecoveryCode",
            SignInMethod.Passkey => "passkey",
            SignInMethod.External => "external",
        };

    /// <summary>For people.</summary>
    public static string Words(this SignInMethod method) =>
        method switch
        {
            SignInMethod.Password => "password",
            SignInMethod.PasswordAndCode => "password and code",
            SignInMethod.PasswordAndRecoveryCode => "password and recovery code",
            SignInMethod.Passkey => "passkey",
            SignInMethod.External => "external provider",
        };
}
