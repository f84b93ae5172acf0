"""What a denuncia or a queja has beyond a report: its form, its persons, its qualifications."""
