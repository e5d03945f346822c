package org.alborz.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The keys of a configuration file: the names of a command's options without the dashes. */
final class ConfigKeys {
    /** What stands without an option's name on the command line. */
    static final String MODEL = "model";

    private static final Set<String> NONE_OF_A_FILE = Set.of("config", "help", "version");

    private final CommandSpec command;
    private final Map<String, ArgSpec> known = new LinkedHashMap<>();

    ConfigKeys(CommandSpec command) {
        this.command = command;
        command.positionalParameters().forEach(parameter -> known.put(MODEL, parameter));
        for (OptionSpec option : command.options()) {
            String key = option.longestName().replaceFirst("^--", "");
            if (!NONE_OF_A_FILE.contains(key)) {
                known.put(key, option);
            }
        }
    }

    /** Returns an option by its name, or null. */
    ArgSpec find(String key) {
        return known.get(key);
    }

    boolean isOnCommandLine(ArgSpec option) {
        return option instanceof OptionSpec named
                ? command.commandLine().getParseResult().hasMatchedOption(named)
                : !command.commandLine().getParseResult().matchedPositionals().isEmpty();
    }

    /** Returns the name that a wrong one is nearest to, in words. */
    String nearest(String key) {
        String plain = key.replaceFirst("^-+", "").replace('_', '-').replaceAll("([a-z])([A-Z])", "$1-$2");
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String name : known.keySet()) {
            int distance = distance(plain.toLowerCase(Locale.ROOT), name);
            if (distance < least) {
                least = distance;
                best = name;
            }
        }
        return "; the nearest is '" + best + "', and ./" + command.qualifiedName()
                + " --help lists all, here without the dashes";
    }

    /** Returns how many letters have to be changed, added or left out (Levenshtein 1966). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j - 1], row[j]));
            }
        }
        return row[other.length()];
    }

    /** Returns the values that an option takes, in words. */
    static String expected(ArgSpec option) {
        Class<?> type = option.type();
        if (List.class.isAssignableFrom(type)) {
            return "a list of texts, such as [\"accuracy\", \"f1\"]";
        }
        if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        }
        if (type == Double.class || type == double.class) {
            return "a number";
        }
        if (type == Integer.class || type == int.class || type == Long.class || type == long.class) {
            return "a whole number" + (type == Integer.class || type == int.class ? " below 2147483648" : "");
        }
        return type == Path.class ? "the name of a file or folder in quotes" : "a text in quotes";
    }

    /** Returns a setting in the type of its option, or null where there is no such option. */
    Object typed(String key, Object value) {
        ArgSpec option = known.get(key);
        if (option == null || value == null) {
            return null;
        }
        Class<?> type = option.type();
        if (!(value instanceof String text) || type == String.class) {
            return value;
        }
        if (type == Double.class || type == double.class) {
            return Double.valueOf(text);
        }
        if (type == Boolean.class || type == boolean.class) {
            return Boolean.valueOf(text);
        }
        return type == Integer.class || type == int.class || type == Long.class || type == long.class
                ? (Object) Long.valueOf(text)
                : text;
    }
}
