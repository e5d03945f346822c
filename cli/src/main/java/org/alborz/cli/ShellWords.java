package org.alborz.cli;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes commands that a user may copy into a shell. */
final class ShellWords {
    private static final Pattern PLAIN = Pattern.compile("[\\p{IsAlphabetic}\\p{IsDigit}_@%+=:,./-]+");

    private ShellWords() {}

    /** Returns the words of a command with blanks between them, in quotes where the shell would read them otherwise. */
    static String join(List<String> words) {
        return words.stream().map(ShellWords::quoted).collect(Collectors.joining(" "));
    }

    /** Returns a word, in quotes where the shell would read it otherwise. */
    static String quoted(Object word) {
        String text = word.toString();
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
