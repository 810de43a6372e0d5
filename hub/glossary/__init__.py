"""The words of the domain: what each code means, in Chinese and English, with its clause. Imported by all, imports nothing."""
