namespace Portal.Domain.Common;

/// <summary>
/// Where a thing on the cluster stands: written <c>creating</c>, <c>ready</c>, <c>deleting</c>, <c>failed</c>.
/// Deleted things stay as records, so that their usage stays readable.
/// </summary>
public enum ResourceState
{
    Creating,
    Ready,
    Deleting,
    Failed,
    Deleted,
}
