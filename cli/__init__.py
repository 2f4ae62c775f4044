"""`./watchkeeper`: what a person does with a stack from a terminal. Thin over what the stages use themselves."""
