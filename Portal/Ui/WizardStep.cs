namespace Portal.Ui;

public enum StepMark
{
    /// <summary>Not looked at yet; its defaults will do.</summary>
    Open,

    /// <summary>Somebody went on from it.</summary>
    Done,

    /// <summary>Something in it has to change before anything is created.</summary>
    Wrong,
}

/// <summary>A step of a wizard. Any may be opened at any time; what is wrong in one is said when something is to be created.</summary>
/// <param name="Key">In the address.</param>
public sealed record WizardStep(string Key, string Text, StepMark Mark = StepMark.Open);
