using System.Buffers.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Adapters.PortalDatabase.Model;
using Portal.Domain.Access;
using Portal.Domain.Accounts;
using Portal.Domain.Common;

namespace Portal.Adapters.PortalDatabase.Accounts;

/// <summary>Passkeys in Identity's table, where its WebAuthn code looks them up.</summary>
internal sealed class PasskeyStore(PortalDbContext context) : IPasskeyStore
{
    private DbSet<IdentityUserPasskey<Guid>> Rows => context.Set<IdentityUserPasskey<Guid>>();

    public async Task<Passkey?> FindAsync(AccountId account, string id, CancellationToken cancellationToken) =>
        Passkey.Decode(id) is { } bytes
        && await Rows.SingleOrDefaultAsync(row => row.CredentialId == bytes && row.UserId == account.Value, cancellationToken) is { } row
            ? Read(row)
            : null;

    public async Task<IReadOnlyList<Passkey>> ListAsync(AccountId account, CancellationToken cancellationToken)
    {
        var rows = await Rows.Where(row => row.UserId == account.Value).ToListAsync(cancellationToken);
        return [.. rows.Select(Read).OrderBy(passkey => passkey.CreatedAt)];
    }

    public void Add(Passkey passkey) =>
        Rows.Add(
            new()
            {
                UserId = passkey.Account.Value,
                CredentialId = Passkey.Decode(passkey.Id)!,
                Data = Data(passkey),
            }
        );

    public void Save(Passkey passkey)
    {
        var row = Row(passkey);
        (row.Data.Name, row.Data.SignCount, row.Data.IsBackedUp) = (passkey.Name, (uint)passkey.SignCount, passkey.IsBackedUp);
        context.Entry(row).Property<DateTimeOffset?>(IdentityModel.PasskeyAskedAt).CurrentValue = passkey.AskedAt;
    }

    public void Remove(Passkey passkey) => Rows.Remove(Row(passkey));

    private IdentityUserPasskey<Guid> Row(Passkey passkey)
    {
        var id = Passkey.Decode(passkey.Id)!;
        return Rows.Local.SingleOrDefault(row => row.CredentialId.AsSpan().SequenceEqual(id))
            ?? throw new InvalidOperationException("Only what was found in this transaction can be changed.");
    }

    private static IdentityPasskeyData Data(Passkey passkey) =>
        new()
        {
            Name = passkey.Name,
            PublicKey = passkey.PublicKey,
            CreatedAt = passkey.CreatedAt,
            SignCount = (uint)passkey.SignCount,
            Transports = [.. passkey.Transports],
            IsUserVerified = true,
            IsBackupEligible = passkey.IsBackupEligible,
            IsBackedUp = passkey.IsBackedUp,
            AttestationObject = passkey.AttestationObject,
            ClientDataJson = passkey.ClientData,
        };

    private Passkey Read(IdentityUserPasskey<Guid> row) =>
        new(
            Base64Url.EncodeToString(row.CredentialId),
            new(row.UserId),
            row.Data.Name ?? "",
            row.Data.PublicKey,
            row.Data.CreatedAt,
            row.Data.SignCount,
            row.Data.Transports ?? [],
            row.Data.IsBackupEligible,
            row.Data.IsBackedUp,
            row.Data.AttestationObject,
            row.Data.ClientDataJson
        )
        {
            AskedAt = context.Entry(row).Property<DateTimeOffset?>(IdentityModel.PasskeyAskedAt).CurrentValue,
        };
}
