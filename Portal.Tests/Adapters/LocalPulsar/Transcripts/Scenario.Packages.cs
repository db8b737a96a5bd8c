namespace Portal.Tests.Adapters.LocalPulsarTests.Transcripts;

internal static partial class Scenario
{
    private const string PackagesRoot = "/admin/v3/packages/function/transcript/prod";

    private static IEnumerable<Step> Packages =>
        [
            Get("the packages of a namespace that has none", PackagesRoot),
            Get("the versions of a package that is missing", $"{PackagesRoot}/code"),
            Get("what is known of a package that is missing", $"{PackagesRoot}/code/1/metadata"),
            Package("a package is uploaded", "1"),
            Package("a package is uploaded, again", "1"),
            Get("the packages of a namespace", PackagesRoot),
            Get("the versions of a package", $"{PackagesRoot}/code"),
            Get("what is known of a package", $"{PackagesRoot}/code/1/metadata") with
            {
                Only = ["description"],
            },
            Delete("a package is deleted", $"{PackagesRoot}/code/1"),
            Delete("a package is deleted, again", $"{PackagesRoot}/code/1"),
            Get("the packages of a namespace whose only one was deleted", PackagesRoot),
            Get("the versions of a package that was deleted", $"{PackagesRoot}/code"),
            Package("a package is uploaded once more", "1"),
            Delete("a package is deleted once more", $"{PackagesRoot}/code/1"),
        ];

    private static Call Package(string name, string version) =>
        new(
            name,
            "POST",
            $"{PackagesRoot}/code/{version}",
            "--part\r\nContent-Disposition: form-data; name=\"metadata\"\r\nContent-Type: "
                + "application/json\r\n\r\n{\"description\":\"transcript\"}\r\n"
                + "--part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"package\"\r\nContent-Type: "
                + "application/octet-stream\r\n\r\ndef process(input):\n    return input\n\r\n--part--\r\n"
        )
        {
            ContentType = "multipart/form-data; boundary=part",
        };
}
