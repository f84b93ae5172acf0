"""The proof that juntas were heard: figures by quarter, and their spreadsheet and PDF."""
