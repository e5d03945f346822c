package org.alborz.text;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * Shows text that came from a file, such as a tensor's name, in messages and logs: in quotes, shortened, and with everything escaped
 * that a terminal would not simply print.
 */
public final class Quoted {
    private static final int MOST_CHARACTERS = 80;
    private static final int MOST_ITEMS = 5;

    private Quoted() {}

    /** Returns at most 80 characters of a text, escaped and between single quotes; {@code null} as it is. */
    public static String text(String text) {
        return text(text, MOST_CHARACTERS);
    }

    /** Returns at most {@code most} characters of a text, escaped and between single quotes. */
    public static String text(String text, int most) {
        return text == null ? "null" : "'" + escape(text, most) + "'";
    }

    /** Returns the first five texts, quoted, and how many more there are. */
    public static String list(Collection<String> texts) {
        String first = texts.stream().limit(MOST_ITEMS).map(Quoted::text).collect(Collectors.joining(", "));
        return texts.size() <= MOST_ITEMS ? first : first + " and " + (texts.size() - MOST_ITEMS) + " more";
    }

    /** Returns all texts, quoted, of which there are few. */
    public static String all(Collection<String> texts) {
        return texts.stream().map(Quoted::text).collect(Collectors.joining(", "));
    }

    /** Returns a whole line, such as one with a file's name in it, with only that escaped which a terminal would not simply print. */
    public static String printable(String line) {
        if (line.codePoints().allMatch(Quoted::isPrintable)) {
            return line;
        }
        StringBuilder shown = new StringBuilder();
        line.codePoints().forEach(c -> appendTo(shown, c));
        return shown.toString();
    }

    private static void appendTo(StringBuilder shown, int c) {
        if (isPrintable(c)) {
            shown.appendCodePoint(c);
        } else {
            shown.append(String.format(Character.isBmpCodePoint(c) ? "\\u%04x" : "\\u{%x}", c));
        }
    }

    /** Returns at most {@code most} characters of a text, escaped, without quotes. */
    public static String escape(String text, int most) {
        StringBuilder shown = new StringBuilder();
        int i = 0;
        for (int count = 0; i < text.length() && count < most; count++) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '\\' || c == '\'') {
                shown.append('\\').append((char) c);
            } else {
                appendTo(shown, c);
            }
        }
        return i < text.length() ? shown.append('…').toString() : shown.toString();
    }

    /** Tells whether a character has a glyph of its own; those that move the cursor or turn the direction of writing have none. */
    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
