"""Reports as one HTML file each, which opens from disk and asks nothing of any other place."""
