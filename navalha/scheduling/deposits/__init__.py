"""The deposit (sinal) that a visit may need: who pays it, what is asked for, what becomes of it."""
