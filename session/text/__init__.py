"""Text from elsewhere, made safe to show and to name files with."""
