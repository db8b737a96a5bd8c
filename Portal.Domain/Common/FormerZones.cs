namespace Portal.Domain.Common;

/// <summary>
/// Time zones whose IANA names changed. Browsers still report the former ones (Chrome says <c>Asia/Calcutta</c>), and a
/// host's zone data may lack these links: Debian ships them in a package of their own.
/// </summary>
internal static class FormerZones
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Africa/Asmera"] = "Africa/Asmara",
        ["America/Buenos_Aires"] = "America/Argentina/Buenos_Aires",
        ["America/Catamarca"] = "America/Argentina/Catamarca",
        ["America/Cordoba"] = "America/Argentina/Cordoba",
        ["America/Jujuy"] = "America/Argentina/Jujuy",
        ["America/Mendoza"] = "America/Argentina/Mendoza",
        ["America/Coral_Harbour"] = "America/Atikokan",
        ["America/Fort_Wayne"] = "America/Indiana/Indianapolis",
        ["America/Godthab"] = "America/Nuuk",
        ["America/Indianapolis"] = "America/Indiana/Indianapolis",
        ["America/Louisville"] = "America/Kentucky/Louisville",
        ["Asia/Calcutta"] = "Asia/Kolkata",
        ["Asia/Katmandu"] = "Asia/Kathmandu",
        ["Asia/Rangoon"] = "Asia/Yangon",
        ["Asia/Saigon"] = "Asia/Ho_Chi_Minh",
        ["Atlantic/Faeroe"] = "Atlantic/Faroe",
        ["Europe/Kiev"] = "Europe/Kyiv",
        ["Pacific/Enderbury"] = "Pacific/Kanton",
        ["Pacific/Ponape"] = "Pacific/Pohnpei",
        ["Pacific/Truk"] = "Pacific/Chuuk",
        ["Asia/Dacca"] = "Asia/Dhaka",
        ["Asia/Macao"] = "Asia/Macau",
        ["Asia/Thimbu"] = "Asia/Thimphu",
        ["Asia/Ujung_Pandang"] = "Asia/Makassar",
        ["Asia/Ulan_Bator"] = "Asia/Ulaanbaatar",
        ["Asia/Ashkhabad"] = "Asia/Ashgabat",
        ["Asia/Chungking"] = "Asia/Shanghai",
        ["Asia/Chongqing"] = "Asia/Shanghai",
        ["Asia/Harbin"] = "Asia/Shanghai",
        ["Asia/Kashgar"] = "Asia/Urumqi",
        ["Asia/Tel_Aviv"] = "Asia/Jerusalem",
        ["Asia/Istanbul"] = "Europe/Istanbul",
        ["Europe/Nicosia"] = "Asia/Nicosia",
        ["Australia/Canberra"] = "Australia/Sydney",
        ["Australia/Currie"] = "Australia/Hobart",
        ["America/Montreal"] = "America/Toronto",
        ["America/Nipigon"] = "America/Toronto",
        ["America/Thunder_Bay"] = "America/Toronto",
        ["America/Pangnirtung"] = "America/Iqaluit",
        ["America/Rainy_River"] = "America/Winnipeg",
        ["America/Yellowknife"] = "America/Edmonton",
        ["America/Shiprock"] = "America/Denver",
        ["America/Ensenada"] = "America/Tijuana",
        ["America/Santa_Isabel"] = "America/Tijuana",
        ["America/Knox_IN"] = "America/Indiana/Knox",
        ["America/Porto_Acre"] = "America/Rio_Branco",
        ["America/Rosario"] = "America/Argentina/Cordoba",
        ["Europe/Belfast"] = "Europe/London",
        ["Europe/Tiraspol"] = "Europe/Chisinau",
        ["Europe/Uzhgorod"] = "Europe/Kyiv",
        ["Europe/Zaporozhye"] = "Europe/Kyiv",
        ["Pacific/Samoa"] = "Pacific/Pago_Pago",
        ["Pacific/Yap"] = "Pacific/Chuuk",
        ["Pacific/Johnston"] = "Pacific/Honolulu",
        ["Africa/Timbuktu"] = "Africa/Bamako",
    };

    /// <summary>
    /// The present name of a former one, or a former name of a present one, for a host with older data; null when it had no other.
    /// </summary>
    public static string? OtherName(string id) =>
        Names.TryGetValue(id, out var present) ? present : Names.FirstOrDefault(pair => pair.Value == id).Key;
}
