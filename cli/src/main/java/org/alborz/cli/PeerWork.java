package org.alborz.cli;

import java.util.List;
import java.util.function.Supplier;

/**
 * A work that Alborz and a peer do in turn.
 *
 * @param unit of what is measured; of seconds and MiB less is better
 * @param target the ratios that Alborz is to reach, or null
 */
public record PeerWork(String name, String unit, Target target) {
    /** The work whose measure is the time from the start of the JVM to the end of the first training step. */
    static final String START = "start";

    /** The work whose measure is the peak of resident memory while training. */
    static final String MEMORY = "memory";

    /** All functions of a matrix, of the shape behind it. */
    static final String ELEMENTWISE = "elementwise";

    private static final String ELEMENTS = "Gelem/s";

    /** The ratio that Alborz must reach, and the one it aims at. */
    public record Target(double atLeast, double aim) {
        /** Says how a ratio stands to this. */
        String verdict(double ratio) {
            return ratio >= aim ? "aim met" : ratio >= atLeast ? "met" : "missed";
        }
    }

    /** Returns the work of a function of a matrix, {@code FUNCTION-SHAPE}, or of all with {@link #ELEMENTWISE} in its place. */
    static PeerWork elements(String name) {
        return new PeerWork(name, ELEMENTS, new Target(1, 1));
    }

    /** Tells whether it is a function of a matrix. */
    boolean isElementwise() {
        return unit.equals(ELEMENTS);
    }

    /** Returns the works of each of the given functions, where this stands for all of them, or else this. */
    List<PeerWork> each(Supplier<List<String>> functions) {
        if (!name.startsWith(ELEMENTWISE)) {
            return List.of(this);
        }
        return functions.get().stream()
                .map(function -> elements(function + name.substring(ELEMENTWISE.length())))
                .toList();
    }

    /** Tells whether more is better. */
    boolean isRate() {
        return !unit.equals("s") && !unit.equals("MiB");
    }

    /** Tells whether it is a matrix product, which OpenBLAS does; the others are done by PyTorch. */
    boolean isProduct() {
        return name.startsWith(PeerRows.PRODUCTS);
    }
}
