"""What reads several subjects, and what the repository says besides."""
