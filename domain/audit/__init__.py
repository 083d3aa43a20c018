"""The laws of money, checked again over what is stored: values and pure functions."""
