"""The roster as spreadsheets: imports with a preview, the template, and watermarked exports."""
