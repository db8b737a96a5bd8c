namespace Portal.Hosting.Settings;

/// <summary>A setting is wrong. The message is one sentence that names it: it is all that an operator gets to see.</summary>
public sealed class WrongSettingException(string message) : Exception(message);
