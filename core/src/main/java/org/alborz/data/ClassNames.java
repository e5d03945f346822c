package org.alborz.data;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.alborz.text.Quoted;

/** What names classes can have where they are stored in a file and printed in a table. */
public final class ClassNames {
    private static final int FEWEST = 2;
    static final int MOST = 100_000;
    private static final int MOST_CHARACTERS = 100;

    private ClassNames() {}

    /**
     * Refuses names that a checkpoint or a table could not show as they are.
     *
     * @return the names, 2 to 100,000 that differ, each of 1 to 100 characters, not all blank, that a terminal prints
     * @throws IllegalArgumentException when they are not so
     */
    public static List<String> require(List<String> names) {
        if (names.size() < FEWEST || names.size() > MOST) {
            throw new IllegalArgumentException(
                    "Class names expect " + FEWEST + " to " + MOST + " classes, got " + names.size());
        }
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (name == null
                    || name.isBlank()
                    || name.length() > MOST_CHARACTERS
                    || !Quoted.printable(name).equals(name)) {
                throw new IllegalArgumentException("Class names expect at most " + MOST_CHARACTERS
                        + " printable characters, not all blank, got " + Quoted.text(name));
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException(
                        "Class names expect a name for each class, got " + Quoted.text(name) + " twice");
            }
        }
        return names;
    }
}
