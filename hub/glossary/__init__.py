"""The words of the domain: the meaning of each code, in Chinese and English, with its clause. All packages may import this
one; it imports none of them."""
