"""Pure measures over text that several stages share: words, sentences, alignment, signatures."""
