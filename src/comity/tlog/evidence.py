"""Evidence: two signed views of one log that cannot both be true, as one record that convicts by itself."""
