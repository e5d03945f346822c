package org.alborz.data;

/** Divides bytes of text into words, which byte pairs do not cross; together they are all of the text. */
final class ByteWords {
    static final int MOST_BYTES = 256;

    private enum Kind {
        SPACE,
        LETTER,
        DIGIT,
        OTHER
    }

    private ByteWords() {}

    /** Returns where the word that begins at a place ends. */
    static int end(byte[] text, int from) {
        int most = Math.min(text.length, from + MOST_BYTES);
        Kind first = kind(text[from]);
        if (first != Kind.SPACE) {
            return run(text, from, most, first);
        }
        if (text[from] == ' ' && from + 1 < most && kind(text[from + 1]) != Kind.SPACE) {
            return run(text, from + 1, most, kind(text[from + 1]));
        }
        int end = run(text, from, most, Kind.SPACE);
        boolean leadsWord = end < text.length && end > from + 1 && text[end - 1] == ' ';
        return leadsWord ? end - 1 : end;
    }

    private static int run(byte[] text, int from, int most, Kind kind) {
        int end = from;
        while (end < most && kind(text[end]) == kind) {
            end++;
        }
        return end;
    }

    private static Kind kind(byte b) {
        if (b == ' ' || b >= '\t' && b <= '\r') {
            return Kind.SPACE;
        } else if (b < 0 || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z') {
            return Kind.LETTER;
        }
        return b >= '0' && b <= '9' ? Kind.DIGIT : Kind.OTHER;
    }
}
