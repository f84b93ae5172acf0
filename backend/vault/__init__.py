"""The identities behind the labels of a case: sealed, apart, and opened only with a trace."""
