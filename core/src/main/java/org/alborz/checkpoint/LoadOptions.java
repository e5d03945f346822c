package org.alborz.checkpoint;

import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.alborz.text.Given;

/**
 * How a file's tensors belong to a model's parameters. Names are first freed of the prefix, then renamed, and then compared with the
 * model's.
 *
 * <pre>{@code
 * LoadOptions.strict()
 *         .prefix("module.")
 *         .rename(Map.of("conv1", "0", "bn1", "1", "fc", "7"))
 *         .only(name -> !name.startsWith("7."));
 * }</pre>
 */
public final class LoadOptions {
    private static final LoadOptions STRICT = new LoadOptions(false, "", Map.of(), name -> name, name -> true);

    private final boolean partial;
    private final String prefix;
    private final Map<String, String> parts;
    private final UnaryOperator<String> rename;
    private final Predicate<String> only;

    private LoadOptions(
            boolean partial,
            String prefix,
            Map<String, String> parts,
            UnaryOperator<String> rename,
            Predicate<String> only) {
        this.partial = partial;
        this.prefix = prefix;
        this.parts = parts;
        this.rename = rename;
        this.only = only;
    }

    /** Asks that the file has every tensor of the model and no other. */
    public static LoadOptions strict() {
        return STRICT;
    }

    /**
     * Loads what both have under one name, and leaves the rest of the model as it is. A shape must be the same all the same: leave out a
     * layer of another size with {@link #only}.
     */
    public static LoadOptions partial() {
        return new LoadOptions(true, "", Map.of(), name -> name, name -> true);
    }

    /** Takes the tensors whose names begin so, named without it, such as {@code module.} or {@code encoder.}, and skips all others. */
    public LoadOptions prefix(String beginning) {
        return new LoadOptions(partial, Given.value(beginning, "prefix", "a text"), parts, rename, only);
    }

    /**
     * Renames tensors, or parts of the file's net with all their tensors, to names of the model: {@code conv1} to {@code 0} makes {@code
     * conv1.weight} {@code 0.weight}. Of several that fit, the longest counts; what is not named keeps its name.
     */
    public LoadOptions rename(Map<String, String> names) {
        Given.value(names, "rename", "a map").forEach((from, to) -> {
            Given.value(from, "rename", "names");
            Given.value(
                    to,
                    "rename",
                    "a name in the model for '" + from + "', or a function that returns null to skip it,");
        });
        return new LoadOptions(partial, prefix, Map.copyOf(names), rename, only);
    }

    /** Renames tensors of the file by a function; where it returns null, the tensor is skipped. */
    public LoadOptions rename(UnaryOperator<String> function) {
        return new LoadOptions(partial, prefix, parts, Given.value(function, "rename", "a function"), only);
    }

    /** Loads only what has such a name in the model, and leaves the rest of it as it is, such as a head of another size. */
    public LoadOptions only(Predicate<String> names) {
        return new LoadOptions(partial, prefix, parts, rename, Given.value(names, "only", "a predicate"));
    }

    boolean isPartial() {
        return partial;
    }

    String prefix() {
        return prefix;
    }

    /** Returns the names and parts that {@link #rename(Map)} takes. */
    Map<String, String> parts() {
        return parts;
    }

    boolean takes(String name) {
        return only.test(name);
    }

    /** Returns the name in the model of a tensor of the file, or null where it is to be skipped. */
    String nameInModel(String stored) {
        if (!stored.startsWith(prefix)) {
            return null;
        }
        String name = stored.substring(prefix.length());
        String part = partOf(name);
        if (part != null) {
            String rest = name.substring(part.length());
            String to = parts.get(part);
            name = to.isEmpty() && rest.startsWith(".") ? rest.substring(1) : to + rest;
        }
        return rename.apply(name);
    }

    /** Returns the key of {@link #parts} that a tensor of this name belongs to, or null. */
    String partOf(String name) {
        for (int end = name.length(); end > 0 && !parts.isEmpty(); end = name.lastIndexOf('.', end - 1)) {
            if (parts.containsKey(name.substring(0, end))) {
                return name.substring(0, end);
            }
        }
        return null;
    }
}
