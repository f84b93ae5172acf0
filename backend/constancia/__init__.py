"""The constancia: a receipt that anybody can check without asking us."""
